//! `bowline lint` as a user and as CI see it, and the page about its rules.

use std::fmt::Write as _;
use std::path::Path;

use bowline::document::Severity;
use bowline::lint::{Usual, families, faults, rules};
use insta::assert_snapshot;
use serde_json::Value;

use crate::cli::Fleet;
use crate::manifests::{service, web};

/// A fleet whose `shop` has three things to say.
fn shop() -> Fleet {
    let fleet = Fleet::new();
    let web = web(1, "latest").replace("{}", "{requests: {cpu: 100m, memory: 64Mi}}");
    fleet.write("shop/web.yaml", &web);
    fleet.write("shop/service.yaml", &service("wep"));
    fleet
}

/// What a program gets: standard output as JSON, and the exit code.
fn json(fleet: &Fleet, line: &str) -> (Value, String) {
    let told = fleet.run(line);
    let (json, rest) = told.split_once("--- stderr, exit ").unwrap();
    (serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {told}")), rest.to_owned())
}

#[test]
fn findings_are_shown_in_the_text_that_they_are_about() {
    assert_snapshot!(shop().run("lint -f shop --ignore no-readiness-probe"), @"
    Warning: service-without-pods

      ⚠ the selector matches no pods
       ╭─[shop/service.yaml:5:14]
     4 │ spec:
     5 │   selector: {app: wep}
       ·              ────┬───
       ·                  ╰── no pods have these labels
     6 │   ports: [{port: 80}]
       ╰────
      help: the pods of Deployment default/web match but for `app`: theirs is `app: web`

    Warning: floating-tag

      ⚠ the image `nginx:latest` is another one each time it is published
        ╭─[shop/web.yaml:12:16]
     11 │       - name: main
     12 │         image: nginx:latest
        ·                ──────┬─────
        ·                      ╰── this may change
     13 │         ports: [{containerPort: 80}]
        ╰────
      help: name the version that you have tried: `image: nginx:VERSION`

    Warning: no-memory-limit

      ⚠ container `main` may take all memory of its host
        ╭─[shop/web.yaml:14:9]
     13 │         ports: [{containerPort: 80}]
     14 │         resources: {requests: {cpu: 100m, memory: 64Mi}}
        ·         ────┬────
        ·             ╰── no memory limit
     15 │ ---
        ╰────
      help: set a limit: `resources: {limits: {memory: 256Mi}}`

    shop/service.yaml:3:1: notice default-namespace: this object and 1 more stand in the namespace `default`

    3 warnings, 1 notice in 2 objects.
    --- stderr, exit 0
    Why, and what to do: bowline lint --explain RULE
    To silence a rule: --ignore RULE, or the annotation bowline.dev/lint-ignore: RULE on the object
    ");
}

#[test]
fn notices_are_told_in_full_to_who_asks() {
    assert_snapshot!(shop().run("lint -v -f shop/service.yaml --ignore default-namespace"), @"
    Notice: service-without-pods

      ☞ the selector matches no pods
       ╭─[shop/service.yaml:5:14]
     4 │ spec:
     5 │   selector: {app: wep}
       ·              ────┬───
       ·                  ╰── no pods have these labels
     6 │   ports: [{port: 80}]
       ╰────
      help: give `selector` the labels of the pod template that it is meant for

    1 notice in 1 object.
    --- stderr, exit 0
    Why, and what to do: bowline lint --explain RULE
    To silence a rule: --ignore RULE, or the annotation bowline.dev/lint-ignore: RULE on the object
    ");
}

#[test]
fn nothing_to_say() {
    let fleet = Fleet::new();
    fleet.write("a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
    assert_snapshot!(fleet.run("lint -f a.yaml"), @"
    nothing found in 1 object.
    --- stderr, exit 0
    ");
}

#[test]
fn neither_an_inventory_nor_a_state_is_needed() {
    let fleet = shop();
    std::fs::remove_file(fleet.path("inventory.yaml")).unwrap();
    let told = fleet.run("lint -f shop");
    assert!(told.contains("floating-tag") && told.contains("exit 0"), "{told}");
    assert!(!fleet.path(".bowline").exists());
}

#[test]
fn what_is_stored_is_part_of_the_set() {
    let fleet = shop();
    let (lone, _) = json(&fleet, "lint -f shop/service.yaml -o json");
    assert!(lone.to_string().contains("service-without-pods"), "{lone}");
    fleet.write("shop/web.yaml", &web(1, "1").replace("web", "wep"));
    fleet.run("apply -f shop/web.yaml --auto-approve");
    let (with, _) = json(&fleet, "lint -f shop/service.yaml -o json");
    assert!(!with.to_string().contains("service-without-pods"), "{with}");
}

#[test]
fn a_namespace_that_others_may_make_is_told_once_and_quietly() {
    let fleet = Fleet::new();
    let in_shop = |name: &str| service(name).replace(" {name:", " {namespace: shop, name:");
    fleet.write("shop.yaml", &(in_shop("one") + &in_shop("two")));
    let (json, rest) = json(&fleet, "lint -f shop.yaml -o json");
    let findings = json["findings"].as_array().unwrap();
    let told = findings.iter().filter(|finding| finding["code"] == "namespace-missing");
    let told: Vec<&Value> = told.map(|finding| &finding["severity"]).collect();
    assert_eq!(told, ["notice"]);
    assert_eq!(rest.trim(), "0");
}

#[test]
fn a_kustomization_is_told_in_the_files_that_it_is_built_of() {
    let fleet = Fleet::new();
    fleet.write("base/web.yaml", &web(1, "latest"));
    fleet.write("base/kustomization.yaml", "resources: [web.yaml]\n");
    fleet.write("prod/kustomization.yaml", "resources: [../base]\nnamespace: prod\n");
    let (json, _) = json(&fleet, "lint -k prod -o json");
    let findings = json["findings"].as_array().unwrap();
    let tag = findings.iter().find(|finding| finding["code"] == "floating-tag").unwrap();
    assert!(tag["file"].as_str().unwrap().ends_with("base/web.yaml"), "{tag}");
    assert_eq!((&tag["line"], &tag["namespace"]), (&12.into(), &"prod".into()));
}

#[test]
fn findings_as_json() {
    let (json, rest) = json(&shop(), "lint -f shop/web.yaml -o json --rule floating-tag=error");
    assert_eq!(rest.trim(), "1", "an error is exit code 1");
    let findings = json["findings"].as_array().unwrap();
    let tag = findings.iter().find(|finding| finding["code"] == "floating-tag").unwrap();
    assert_snapshot!(format!("{tag:#}"), @r#"
    {
      "code": "floating-tag",
      "column": 16,
      "file": "shop/web.yaml",
      "kind": "Deployment",
      "line": 12,
      "message": "the image `nginx:latest` is another one each time it is published",
      "name": "web",
      "namespace": "default",
      "path": "spec.template.spec.containers[0].image",
      "severity": "error"
    }
    "#);
}

#[test]
fn faults_and_bad_habits_of_several_files_come_in_one_report() {
    let fleet = shop();
    fleet.write("shop/bad.yaml", &web(1, "1").replace("replicas", "replica").replace("web", "bad"));
    let (json, rest) = json(&fleet, "lint -f shop -o json");
    assert_eq!(rest.trim(), "1");
    let findings = json["findings"].as_array().unwrap();
    let lines = findings.iter().map(|finding| {
        let text = |field: &str| finding[field].as_str().unwrap_or("-").to_owned();
        let place = format!("{}:{}:{}", text("file"), finding["line"], finding["column"]);
        format!("{place} {} {} {}\n", text("severity"), text("code"), text("name"))
    });
    assert_snapshot!(lines.collect::<String>(), @"
    shop/bad.yaml:5:3 error unknown-field bad
    shop/service.yaml:3:1 notice default-namespace wep
    shop/web.yaml:11:9 warning no-readiness-probe web
    shop/web.yaml:12:16 warning floating-tag web
    shop/web.yaml:14:9 warning no-memory-limit web
    ");
}

#[test]
fn exit_codes() {
    let fleet = shop();
    let exit = |line: &str| {
        let told = fleet.run(line);
        let (_, rest) = told.split_once("exit ").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(exit("lint -f shop"), "0");
    assert_eq!(exit("lint -f shop --fail-on warning"), "1");
    assert_eq!(exit("lint -f shop --rule floating-tag=error"), "1");
    assert_eq!(exit("lint -f nowhere"), "1");
    assert_eq!(exit("lint"), "2");
    assert_eq!(exit("lint -f shop --rule floating-tag=loud"), "2");
    assert_eq!(exit("lint --list-rules"), "0");
}

#[test]
fn a_rule_that_does_not_exist() {
    assert_snapshot!(shop().run("lint -f shop --ignore flaoting-tag"), @"
    --- stderr, exit 2
      × there is no rule `flaoting-tag`
      help: did you mean `floating-tag`?
    ");
    assert_snapshot!(shop().run("lint -f shop --rule unknown-field=off"), @"
    --- stderr, exit 2
      × `unknown-field` is a fault that `apply` refuses: it has no level
      help: to read what it means, type: bowline lint --explain unknown-field
    ");
    assert_snapshot!(shop().run("lint --explain no-such-thing-at-all"), @"
    --- stderr, exit 2
      × there is no rule `no-such-thing-at-all`
      help: to see all rules, type: bowline lint --list-rules
    ");
}

#[test]
fn rules_explained() {
    let fleet = Fleet::new();
    assert_snapshot!(fleet.run("lint --explain floating-tag"), @"
    floating-tag (warning): an image without a tag, or with `latest`

    Why:      The name means another image tomorrow, so hosts run different programs and there is nothing to go back to.
    Fix:      name a version: `image: nginx:1.27.3`
    Silence:  metadata: {annotations: {bowline.dev/lint-ignore: floating-tag}}
              or for all objects: --ignore floating-tag
    --- stderr, exit 0
    ");
    assert_snapshot!(fleet.run("lint --explain no-digest"), @"
    no-digest (off): an image that is not fixed by its digest

    Why:      A tag can be pushed again with another content; a digest cannot.
    Fix:      add the digest: `image: nginx:1.27.3@sha256:...`
    Off:      a version as tag is good enough for most, and digests need a tool that keeps them up to date
    Turn on:  --rule no-digest=warning
    --- stderr, exit 0
    ");
    assert_snapshot!(fleet.run("lint --explain unknown-field"), @"
    unknown-field (error): The kind has no field of this name, so what it says would be ignored. Mostly a misspelling or a wrong indentation.

    It cannot be silenced: `apply` refuses it.
    --- stderr, exit 0
    ");
    for rule in rules() {
        let told = fleet.run(&format!("lint --explain {}", rule.id));
        assert!(told.contains(rule.why) && told.contains(rule.fix), "{told}");
    }
}

#[test]
fn rules_listed() {
    let fleet = Fleet::new();
    let table = fleet.run("lint --list-rules");
    let (list, _) = json(&fleet, "lint --list-rules -o json");
    let list = list["rules"].as_array().unwrap();
    assert_eq!(list.len(), rules().count());
    for rule in rules() {
        assert!(
            table.lines().any(|line| line.starts_with(&format!("{} ", rule.id))),
            "{}",
            rule.id
        );
        assert!(list.iter().any(|listed| listed["id"] == rule.id), "{}", rule.id);
    }
}

#[test]
fn sarif_is_what_code_scanning_takes() {
    let fleet = shop();
    fleet.write("shop/a b.yaml", &web(1, "1").replace("replicas", "replica").replace("web", "bad"));
    let absolute = fleet.path("shop").display().to_string();
    let (sarif, rest) = json(&fleet, &format!("lint -f {absolute} -o sarif"));
    assert_eq!(rest.trim(), "1");
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let text = |value: &Value| value["text"].as_str().is_some_and(|text| !text.is_empty());
    for rule in rules {
        let described = ["shortDescription", "fullDescription", "help"];
        assert!(described.iter().all(|part| text(&rule[part])), "{rule}");
        let level = rule["defaultConfiguration"]["level"].as_str().unwrap();
        assert!(["error", "warning", "note"].contains(&level), "{rule}");
    }
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 3, "{results:?}");
    let mut prints = std::collections::BTreeSet::new();
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(text(&result["message"]), "{result}");
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("shop/") && !uri.contains(' '), "{uri}");
        let region = &place["region"];
        assert!(region["startLine"].as_u64().unwrap() >= 1, "{region}");
        assert!(region["startColumn"].as_u64().unwrap() >= 1, "{region}");
        assert!(prints.insert(result["partialFingerprints"].to_string()), "{result}");
    }
    assert!(results.iter().any(|result| result["ruleId"] == "unknown-field"));
}

fn level(usual: Usual) -> String {
    match usual {
        Usual::On(severity) => severity.to_string(),
        Usual::Off(_) => "off".to_owned(),
    }
}

/// docs/lint.md, from the rules themselves and the text that stands before them.
fn page(before: &str) -> String {
    let mut page = before.to_owned();
    for (family, rules) in families() {
        let _ = writeln!(page, "### {family}\n");
        for rule in *rules {
            let _ = writeln!(page, "**`{}`** ({}): {}.", rule.id, level(rule.usual), rule.finds);
            let _ = writeln!(page, "{}", rule.why);
            let _ = writeln!(page, "*Fix:* {}.", rule.fix);
            if let Usual::Off(because) = rule.usual {
                let _ = writeln!(page, "*Off, because* {because}.");
            }
            page.push('\n');
        }
    }
    page.push_str("## Findings of the reader\n\nEach of them is told with what was expected; this is what they mean.\n\n");
    page.push_str("| Finding | Severity | Meaning |\n|---|---|---|\n");
    for fault in faults() {
        let severity = match fault.severity {
            Severity::Error => "error",
            Severity::Warning => "warning or error",
            Severity::Notice => "notice, warning or error",
        };
        let _ = writeln!(page, "| `{}` | {severity} | {} |", fault.code, fault.means);
    }
    page
}

#[test]
fn the_page_tells_of_every_rule() {
    const MARK: &str = "## Rules\n\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lint.md");
    let there = std::fs::read_to_string(&path).unwrap();
    let (before, _) = there.split_once(MARK).unwrap();
    let page = page(&format!("{before}{MARK}"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert!(there == page, "write docs/lint.md with: UPDATE_GOLDEN=1 cargo test --test it lint");
}

/// The words in quotes that a source has in these places.
fn quoted_after<'t>(text: &'t str, starts: &[&str]) -> Vec<&'t str> {
    let mut words = Vec::new();
    for start in starts {
        for (at, _) in text.match_indices(start) {
            let rest = text[at + start.len()..].trim_start();
            let rest = rest.strip_prefix("Severity::").map_or(rest, |rest| {
                rest.split_once(',').map_or("", |(_, rest)| rest.trim_start())
            });
            let word = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
            words.extend(word.map(|(word, _)| word));
        }
    }
    words
}

#[test]
fn every_code_of_the_reader_is_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut left: Vec<_> =
        ["document", "manifest", "references", "immutable"].map(|name| root.join(name)).into();
    let (mut unknown, mut codes) = (Vec::new(), 0);
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let shown = path.strip_prefix(&root).unwrap().display().to_string();
        if shown.contains("tests") || path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let starts = [
            "error(",
            "error_with(",
            "key_error(",
            "warning(",
            "finding(",
            "found(",
            "NOT_BASE64: &str =",
            "=> ",
        ];
        for code in quoted_after(text, &starts) {
            let is_code = code.len() > 2
                && code.contains('-')
                && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            if !is_code {
                continue;
            }
            codes += 1;
            if bowline::lint::fault(code).is_none() && bowline::lint::rule(code).is_none() {
                unknown.push(format!("{shown}: {code}"));
            }
        }
    }
    assert!(codes > 100, "{codes} codes are found at all");
    assert!(unknown.is_empty(), "{unknown:#?}");
}
