//! What a Secret holds is printed by no command, whatever is wrong with it.

use crate::cli::Fleet;

/// A Secret that holds `hunter2`, with a fault somewhere.
const FAULTY: [(&str, &str); 9] = [
    ("beside", "type: Opaque\nwrong: 1\nstringData:\n  password: hunter2\n"),
    ("not base64", "data:\n  password: hunter2\n"),
    ("of the wrong type", "data: hunter2\n"),
    ("a number", "stringData:\n  password: 4711\n"),
    ("there twice", "stringData:\n  password: hunter2\n  password: hunter2\n"),
    ("misspelt", "stringdata:\n  password: hunter2\n"),
    (
        "no JSON",
        "type: kubernetes.io/dockerconfigjson\nstringData:\n  .dockerconfigjson: hunter2\n",
    ),
    ("no YAML", "stringData:\n  password: hunter2\n a: [\n"),
    ("in two lines", "stringData:\n  password: |\n    hunter2\n    4711\n  a: []\n"),
];

fn holds_nothing(told: &str, case: &str) {
    for value in ["hunter2", "4711"] {
        assert!(!told.contains(value), "{case}\n{told}");
    }
}

#[test]
fn no_finding_shows_it() {
    let fleet = Fleet::new();
    for (case, fields) in FAULTY {
        let secret = format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: db}}\n{fields}");
        let indented = secret.trim_end().replace('\n', "\n  ");
        let list = format!("apiVersion: v1\nkind: List\nitems:\n- {indented}\n");
        for text in [secret, list] {
            fleet.write("secret.yaml", &text);
            for line in ["lint", "lint -o json", "lint -o sarif", "create", "plan"] {
                let told = fleet.run(&format!("{line} -f secret.yaml"));
                assert!(told.contains("exit 1"), "{case}\n{told}");
                holds_nothing(&told, case);
            }
        }
    }
}

#[test]
fn no_finding_of_a_kustomization_shows_it() {
    let fleet = Fleet::new();
    fleet.write(
        "k/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ntype: Opaque\n",
    );
    let patch = "patches:\n- target: {kind: Secret}\n  patch: |\n    apiVersion: v1\n    kind: Secret\n    metadata: {name: db}\n    stringData:\n      password: hunter2\n      number: 4711\n";
    fleet.write("k/kustomization.yaml", &format!("resources: [secret.yaml]\n{patch}"));
    let told = fleet.run("lint -k k");
    assert!(told.contains("wrong-type"), "{told}");
    holds_nothing(&told, "a patch");
    let generator = "secretGenerator:\n- name: db\n  literals:\n  - hunter2\n  - password=4711\n";
    fleet.write("k/kustomization.yaml", generator);
    let told = fleet.run("lint -k k");
    assert!(told.contains("a literal is written as key=value"), "{told}");
    holds_nothing(&told, "a generator");
    fleet.write(
        "k/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata: {a: hunter2}\n",
    );
    let replacement = "resources: [secret.yaml]\nreplacements:\n- source: {kind: Secret, fieldPath: data.a, options: {delimiter: '-', index: 5}}\n  targets: [{select: {kind: Secret}, fieldPaths: [data.b], options: {create: true}}]\n";
    fleet.write("k/kustomization.yaml", replacement);
    let told = fleet.run("lint -k k");
    assert!(told.contains("has no part 5"), "{told}");
    holds_nothing(&told, "a replacement");
}

#[test]
fn no_refused_patch_shows_what_is_stored() {
    let fleet = Fleet::new();
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata: {password: aHVudGVyMg==}\n";
    fleet.write("secret.yaml", secret);
    fleet.run("apply -f secret.yaml --auto-approve");
    for (line, word) in [
        (r#"patch secret db -p {"data":{"q":"%%"}}"#, "not-base64"),
        (
            r#"patch secret db --type=json -p [{"op":"test","path":"/data/password","value":"x"}]"#,
            "the test failed",
        ),
    ] {
        let told = fleet.run(line);
        assert!(told.contains(word), "{told}");
        assert!(!told.contains("aHVudGVyMg"), "{told}");
    }
}

#[test]
fn what_create_cannot_read_is_named_and_not_shown() {
    let fleet = Fleet::new();
    fleet.write("db.env", "A=b\nhunter2\n");
    let create = "create secret generic db";
    let told = fleet.run(&format!("{create} --from-env-file=db.env"));
    assert!(told.contains("db.env:2: the line is no KEY=VALUE"), "{told}");
    holds_nothing(&told, "a file");
    let told = fleet.run(&format!("{create} --from-literal=a=b --from-literal=hunter2"));
    assert!(told.contains("--from-literal number 2 is no KEY=VALUE"), "{told}");
    holds_nothing(&told, "a literal");
}

#[test]
fn a_rule_that_is_off_still_hides_what_it_minds() {
    let fleet = Fleet::new();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    env: [{name: DB_PASSWORD, value: hunter2}]\n    image: nginx:latest\n";
    fleet.write("pod.yaml", pod);
    let told = fleet.run("lint -f pod.yaml --ignore secret-in-env");
    assert!(told.contains("DB_PASSWORD, value: *******"), "{told}");
    holds_nothing(&told, "a variable");
}
