//! Images of hosts, in podman's columns.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

use super::age::age;
use super::get::Columns;
use super::table::table;
use crate::status::ImageRow;

const NONE: &str = "<none>";

/// How much of an id podman shows.
const ID_SHOWN: usize = 12;

/// The name without its tag, and the tag.
fn parts(row: &ImageRow) -> (&str, &str) {
    let name = row.name.as_deref().unwrap_or(NONE);
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (name, NONE),
    }
}

/// The table; wide has digests and containers as well.
pub fn image_table(rows: &[ImageRow], columns: Columns, now: Timestamp) -> String {
    let mut header = vec!["NODE", "REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "PODS"];
    if columns == Columns::Wide {
        header.extend(["CONTAINERS", "DIGEST"]);
    }
    let row = |row: &ImageRow| {
        let (repository, tag) = parts(row);
        let created = row.created.map(Time);
        let mut cells = vec![
            row.host.clone(),
            repository.to_owned(),
            tag.to_owned(),
            row.id.chars().take(ID_SHOWN).collect(),
            created.map_or(NONE.to_owned(), |time| format!("{} ago", age(Some(&time), now))),
            size(row.size_bytes),
            row.pods.len().to_string(),
        ];
        if columns == Columns::Wide {
            cells.extend([row.containers.to_string(), row.digest.clone().unwrap_or(NONE.into())]);
        }
        cells
    };
    table(&header, &rows.iter().map(row).collect::<Vec<_>>())
}

/// The rows for a program.
pub fn images_value(rows: &[ImageRow]) -> Value {
    let row = |row: &ImageRow| {
        json!({
            "host": row.host,
            "name": row.name,
            "id": row.id,
            "digest": row.digest,
            "created": row.created.map(|time| time.to_string()),
            "sizeBytes": row.size_bytes,
            "containers": row.containers,
            "pods": row.pods,
        })
    };
    Value::from(rows.iter().map(row).collect::<Vec<_>>())
}

/// An amount of bytes as podman prints it: three digits, in thousands.
pub fn size(bytes: u64) -> String {
    let (mut unit, mut scale) = ("B", 1);
    for next in ["kB", "MB", "GB", "TB", "PB", "EB"] {
        if bytes / scale < 1000 {
            break;
        }
        (unit, scale) = (next, scale * 1000);
    }
    let whole = bytes / scale;
    let rest = bytes % scale;
    match (scale, whole) {
        (1, _) | (_, 100..) => format!("{whole} {unit}"),
        (_, 10..) => format!("{whole}.{} {unit}", rest / (scale / 10)),
        (_, _) => format!("{whole}.{:02} {unit}", rest / (scale / 100)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: Option<&str>, pods: &[&str]) -> ImageRow {
        ImageRow {
            host: "node-1".to_owned(),
            name: name.map(str::to_owned),
            id: "43f08d4aefce61b024f28b69e8a2eb56".to_owned(),
            digest: Some("sha256:11".to_owned()),
            created: Timestamp::from_second(1000).ok(),
            size_bytes: 2_182_330,
            containers: 1,
            pods: pods.iter().map(|&pod| pod.to_owned()).collect(),
        }
    }

    #[test]
    fn images_have_podmans_columns() {
        let rows = [
            row(Some("docker.io/library/busybox:1.36"), &["default/a", "default/b"]),
            row(Some("reg:5000/x"), &[]),
            row(None, &[]),
        ];
        let now = Timestamp::from_second(4600).unwrap();
        insta::assert_snapshot!(image_table(&rows, Columns::Narrow, now), @"
        NODE     REPOSITORY                  TAG      IMAGE ID       CREATED   SIZE      PODS
        node-1   docker.io/library/busybox   1.36     43f08d4aefce   60m ago   2.18 MB   2
        node-1   reg:5000/x                  <none>   43f08d4aefce   60m ago   2.18 MB   0
        node-1   <none>                      <none>   43f08d4aefce   60m ago   2.18 MB   0
        ");
        assert_eq!(images_value(&rows)[0]["pods"], serde_json::json!(["default/a", "default/b"]));
    }

    #[test]
    fn sizes_are_as_podman_prints_them() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.00 kB"),
            (737_423, "737 kB"),
            (2_182_330, "2.18 MB"),
            (21_999_999, "21.9 MB"),
            (1_050_000_000, "1.05 GB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
