//! What machines the images of a list are made for, and which of them a machine takes.

use std::collections::BTreeSet;
use std::fmt;

use super::repository;

/// What an image is made for, in Go's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// The operating system; empty where the list does not say it.
    pub os: String,
    /// The machine type, such as `amd64`.
    pub architecture: String,
    /// The kind of machine within the type, such as `v7` of `arm`; empty for any.
    pub variant: String,
}

/// An image of a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageOfList {
    /// The digest of its manifest, such as `sha256:0a1b...`.
    pub digest: String,
    /// What it is made for; `None` where the list does not say it, which is for all.
    pub platform: Option<Platform>,
}

/// A machine that runs Linux.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Machine {
    /// Its type, as Go names it.
    pub architecture: String,
    /// Its kind within the type; empty where there are none.
    pub variant: String,
}

/// The kinds of machines of a type, each of which runs what is made for those after it.
///
/// Source: `compatibility` of <https://github.com/containers/image/blob/main/internal/pkg/platform/platform_matcher.go>
fn variants(architecture: &str) -> &'static [&'static str] {
    match architecture {
        "arm" => &["v8", "v7", "v6", "v5"],
        "arm64" => &["v8"],
        _ => &[],
    }
}

impl Machine {
    /// The image of a list that podman takes on this machine: the first of the nearest kind, else one that is for all; `None`
    /// where all are made for other machines.
    ///
    /// Source: `WantedPlatforms` of containers/image, and `ChooseInstance` of its lists.
    pub fn choose<'l>(&self, list: &'l [ImageOfList]) -> Option<&'l ImageOfList> {
        let of = |variant: &str| {
            list.iter().find(|image| {
                image.platform.as_ref().is_some_and(|platform| {
                    ["linux", ""].contains(&platform.os.as_str())
                        && platform.architecture == self.architecture
                        && platform.variant == variant
                })
            })
        };
        let known = variants(&self.architecture);
        let from = known.iter().position(|variant| *variant == self.variant);
        let nearest = match from {
            Some(from) => known[from..].iter().chain([&""]).find_map(|variant| of(variant)),
            None if self.variant.is_empty() => {
                [&""].into_iter().chain(known).find_map(|variant| of(variant))
            }
            None => of(&self.variant).or_else(|| of("")),
        };
        nearest.or_else(|| list.iter().find(|image| image.platform.is_none()))
    }
}

impl ImageOfList {
    /// What podman lists it as when it was pulled by its digest, where `image` is the name of the list.
    pub fn listed_as(&self, image: &str) -> String {
        format!("{}@{}", repository(image), self.digest)
    }
}

/// What the images of a list are made for, in words.
pub fn made_for(list: &[ImageOfList]) -> String {
    let platforms = list.iter().filter_map(|image| image.platform.as_ref());
    // What stands in lists beside images, such as attestations, is of an unknown system.
    let known = platforms.filter(|platform| platform.os != "unknown");
    let names: BTreeSet<String> = known.map(ToString::to_string).collect();
    if names.is_empty() {
        return "no machine".to_owned();
    }
    names.into_iter().collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { os, architecture, variant } = self;
        if !["linux", ""].contains(&os.as_str()) {
            write!(f, "{os}/")?;
        }
        f.write_str(architecture)?;
        if variant.is_empty() { Ok(()) } else { write!(f, "/{variant}") }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { architecture, variant } = self;
        f.write_str(architecture)?;
        // Of all machines of arm64 the kind is the same.
        if variant.is_empty() || architecture == "arm64" { Ok(()) } else { write!(f, "/{variant}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(platforms: &[&str]) -> Vec<ImageOfList> {
        let platform = |text: &str| {
            let mut parts = text.split('/').map(str::to_owned);
            let mut part = || parts.next().unwrap_or_default();
            Platform { os: part(), architecture: part(), variant: part() }
        };
        let one = |text: &&str| ImageOfList {
            digest: (*text).to_owned(),
            platform: (!text.is_empty()).then(|| platform(text)),
        };
        platforms.iter().map(one).collect()
    }

    #[test]
    fn a_machine_takes_what_is_nearest_to_it() {
        let arms = ["linux/arm/v5", "linux/arm/v6", "linux/arm/v7", "linux/arm64/v8"];
        let windows = ["windows/amd64", "linux/amd64", "unknown/unknown"];
        for (machine, platforms, chosen) in [
            ("arm/v7", &arms[..], Some("linux/arm/v7")),
            ("arm/v6", &arms, Some("linux/arm/v6")),
            ("arm/v6", &arms[2..], None),
            ("arm/v8", &arms[..2], Some("linux/arm/v6")),
            ("arm/v4", &arms, None),
            ("arm64/v8", &arms, Some("linux/arm64/v8")),
            ("arm64/v8", &["linux/arm64"], Some("linux/arm64")),
            ("arm64", &arms, Some("linux/arm64/v8")),
            ("arm/v7", &["linux/arm"], Some("linux/arm")),
            ("amd64", &windows, Some("linux/amd64")),
            ("amd64", &windows[..1], None),
            ("amd64", &["linux/amd64/v3"], None),
            ("amd64", &["/amd64"], Some("/amd64")),
            ("s390x", &["linux/amd64", ""], Some("")),
            ("amd64", &["", "linux/amd64"], Some("linux/amd64")),
            ("amd64", &[], None),
        ] {
            let (architecture, variant) = machine.split_once('/').unwrap_or((machine, ""));
            let of = Machine { architecture: architecture.into(), variant: variant.into() };
            let images = list(platforms);
            let found = of.choose(&images).map(|image| image.digest.as_str());
            assert_eq!(found, chosen, "{machine} {platforms:?}");
        }
    }

    #[test]
    fn what_a_list_is_made_for_is_said_without_what_is_no_image() {
        let all =
            ["linux/arm/v7", "windows/amd64", "linux/amd64", "linux/amd64", "unknown/unknown"];
        assert_eq!(made_for(&list(&all)), "amd64, arm/v7, windows/amd64");
        assert_eq!(made_for(&list(&["unknown/unknown"])), "no machine");
    }
}
