//! What an image's name says about which image it is.

use crate::document::{Severity, quoted};
use crate::lint::found::Found;
use crate::lint::pods::Contained;
use crate::lint::rule::{Check, Rule, Usual};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "floating-tag",
        usual: Usual::On(Severity::Warning),
        finds: "an image without a tag, or with `latest`",
        why: "The name means another image tomorrow, so hosts run different programs and there is nothing to go back to.",
        fix: "name a version: `image: nginx:1.27.3`",
        check: Check::Container(floating_tag),
    },
    Rule {
        id: "no-digest",
        usual: Usual::Off(
            "a version as tag is good enough for most, and digests need a tool that keeps them up to date",
        ),
        finds: "an image that is not fixed by its digest",
        why: "A tag can be pushed again with another content; a digest cannot.",
        fix: "add the digest: `image: nginx:1.27.3@sha256:...`",
        check: Check::Container(no_digest),
    },
];

/// The image, unless it is a blank that something fills in later.
fn image<'a>(one: &Contained<'a>) -> Option<&'a str> {
    one.container.image.as_deref().filter(|image| !image.contains(['$', '<', '{']))
}

fn floating_tag(one: &Contained<'_>, found: &mut Found) {
    let Some(image) = image(one).filter(|image| !image.contains('@')) else { return };
    let last = image.rsplit('/').next().unwrap_or(image);
    let (name, label, message) = match last.split_once(':') {
        None => (
            image,
            "no tag",
            format!("the image {} has no tag, which means `latest`", quoted(image)),
        ),
        Some((_, "latest")) => {
            let name = image.strip_suffix(":latest").unwrap_or(image);
            (
                name,
                "this may change",
                format!("the image {} is another one each time it is published", quoted(image)),
            )
        }
        Some(_) => return,
    };
    let finding = found.at(one.workload.read, &one.at("image"), &message).with_label(label);
    let help = format!("name the version that you have tried: `image: {name}:VERSION`");
    found.push(finding.with_help(help));
}

fn no_digest(one: &Contained<'_>, found: &mut Found) {
    let Some(image) = image(one).filter(|image| !image.contains('@')) else { return };
    let message = format!("the image {} is not fixed by a digest", quoted(image));
    found.say(one.workload.read, &one.at("image"), "no digest", &message);
}
