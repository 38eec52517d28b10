//! Devices that a host describes for its containers: the Container Device Interface.
//!
//! Source: <https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md>

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::files::Files;
use crate::document::{Source, values};

/// Where the descriptions are; podman looks there, too.
pub(super) const SPECIFICATIONS: [&str; 2] = ["/etc/cdi", "/run/cdi"];

/// The name by which all devices of a kind are meant at once.
const ALL: &str = "all";

/// A description, as far as it is read.
#[derive(Deserialize)]
struct Specification {
    kind: String,
    #[serde(default)]
    devices: Vec<Device>,
}

#[derive(Deserialize)]
struct Device {
    name: String,
    #[serde(default, rename = "containerEdits")]
    edits: Value,
}

/// The devices by their kinds, in the order in which they are handed out: by number, then by name. A device that has two names
/// counts once, and one name that means them all is no device. What cannot be read describes nothing, as podman has it.
pub(super) fn devices(files: Files<'_>) -> BTreeMap<String, Vec<String>> {
    let mut texts: BTreeMap<(&str, &str), String> = BTreeMap::new();
    for directory in SPECIFICATIONS {
        for (file, line) in files.within(directory) {
            let text = texts.entry((directory, file)).or_default();
            text.push_str(line);
            text.push('\n');
        }
    }
    let mut kinds: BTreeMap<String, Vec<Device>> = BTreeMap::new();
    for ((_, file), text) in texts {
        if [".json", ".yaml"].iter().any(|ending| file.ends_with(ending))
            && let Some(Specification { kind, devices }) = read(file, text)
            && kind.split_once('/').is_some_and(|(vendor, class)| is_name(vendor) && is_name(class))
        {
            let devices = devices.into_iter();
            let single = devices.filter(|one| one.name != ALL && is_name(&one.name));
            kinds.entry(kind).or_default().extend(single);
        }
    }
    kinds.into_iter().map(|(kind, devices)| (kind, pieces(devices))).collect()
}

fn read(name: &str, text: String) -> Option<Specification> {
    let mut all = values(&Source::new(name, text)).ok()?.into_iter();
    serde_json::from_value(all.next()?).ok()
}

/// The names, one for each device.
fn pieces(mut devices: Vec<Device>) -> Vec<String> {
    let number = |name: &str| name.parse::<u32>().unwrap_or(u32::MAX);
    devices.sort_by(|a, b| (number(&a.name), &a.name).cmp(&(number(&b.name), &b.name)));
    let mut pieces: Vec<Device> = Vec::new();
    for device in devices {
        let same = |other: &Device| {
            other.name == device.name || (!device.edits.is_null() && other.edits == device.edits)
        };
        if !pieces.iter().any(same) {
            pieces.push(device);
        }
    }
    pieces.into_iter().map(|device| device.name).collect()
}

/// Whether it can be a name; what can not is nothing that podman would take.
fn is_name(text: &str) -> bool {
    let end = |c: char| c.is_ascii_alphanumeric();
    text.starts_with(end)
        && text.ends_with(end)
        && text.chars().all(|c| end(c) || matches!(c, '_' | '-' | '.' | ':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(file: &str, text: &str) -> String {
        text.lines().flat_map(|line| [file, ":", line, "\n"]).collect()
    }

    #[test]
    fn each_device_counts_once_and_in_its_order() {
        let edits = |node: &str| {
            format!("\"containerEdits\":{{\"deviceNodes\":[{{\"path\":\"{node}\"}}]}}")
        };
        let device = |name: &str, node: &str| format!("{{\"name\":\"{name}\",{}}}", edits(node));
        let all = [
            device("10", "/dev/a"),
            device("2", "/dev/b"),
            device("all", "/dev/c"),
            device("GPU-x", "/dev/b"),
            device("b", "/dev/d"),
            device("a,b", "/dev/e"),
        ];
        let json = format!("{{\"kind\":\"example.org/gpu\",\n\"devices\":[{}]}}", all.join(",\n"));
        let yaml = "kind: example.org/nic\ndevices:\n- name: eth0\n- name: eth1\n";
        let text = [
            lines("/etc/cdi/gpu.json", &json),
            lines("/run/cdi/nic.yaml", yaml),
            lines("/etc/cdi/broken.json", "{\"kind\":"),
            lines("/etc/cdi/none.yaml", "kind: nothing\ndevices: [{name: a}]"),
            lines("/etc/cdi/notes.txt", "kind: example.org/txt\ndevices: [{name: a}]"),
        ];
        let devices = devices(Files(&text.concat()));
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let expected = [
            ("example.org/gpu".to_owned(), names(&["2", "10", "b"])),
            ("example.org/nic".to_owned(), names(&["eth0", "eth1"])),
        ];
        assert_eq!(devices, expected.into());
    }
}
