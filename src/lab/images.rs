//! The images that the lab's registry serves, and the registry's directory written out: blobs, manifests and tags.
//!
//! What is in a layer is made by `scripts/images.sh`; how an image starts is said here, as in the public image of its name.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::error::{LabError, at};

/// This file: how images start is part of what they are.
pub(super) const SOURCE: &str = include_str!("images.rs");

/// The layers, in the order in which the script makes them.
const LAYERS: [&str; 6] = ["busybox", "common", "nginx", "redis", "httpd", "postgres"];

/// One image.
struct Image {
    name: &'static str,
    layers: &'static [&'static str],
    entrypoint: &'static [&'static str],
    cmd: &'static [&'static str],
    workdir: &'static str,
    ports: &'static [&'static str],
    stop: &'static str,
}

const IMAGES: [Image; 5] = [
    Image {
        name: "busybox",
        layers: &["busybox"],
        entrypoint: &[],
        cmd: &["sh"],
        workdir: "/",
        ports: &[],
        stop: "SIGTERM",
    },
    Image {
        name: "nginx",
        layers: &["common", "nginx"],
        entrypoint: &["/docker-entrypoint.sh"],
        cmd: &["nginx", "-g", "daemon off;"],
        workdir: "/",
        ports: &["80/tcp"],
        stop: "SIGQUIT",
    },
    Image {
        name: "redis",
        layers: &["common", "redis"],
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["redis-server"],
        workdir: "/data",
        ports: &["6379/tcp"],
        stop: "SIGTERM",
    },
    Image {
        name: "httpd",
        layers: &["common", "httpd"],
        entrypoint: &[],
        cmd: &["httpd-foreground"],
        workdir: "/usr/local/apache2",
        ports: &["80/tcp"],
        stop: "SIGWINCH",
    },
    Image {
        name: "postgres",
        layers: &["common", "postgres"],
        entrypoint: &["docker-entrypoint.sh"],
        cmd: &["postgres"],
        workdir: "/",
        ports: &["5432/tcp"],
        stop: "SIGINT",
    },
];

/// The names of the images as a regular expression's alternatives.
pub(super) fn names() -> String {
    IMAGES.map(|i| i.name).join("|")
}

/// Writes the images into a registry's directory, of layers that were made in `layers`; the layers are moved.
pub(super) fn write(layers: &Path, registry: &Path) -> Result<(), LabError> {
    let registry = registry.join("docker/registry/v2");
    let mut blobs = Vec::new();
    for name in LAYERS {
        let tar = layers.join(format!("{name}.tar"));
        let content = fs::read(&tar).map_err(at(&tar))?;
        blobs.push((name, blob(&registry, &content)?));
        fs::remove_file(&tar).map_err(at(&tar))?;
    }
    for image in &IMAGES {
        let layers: Vec<&Blob> =
            blobs.iter().filter(|(n, _)| image.layers.contains(n)).map(|(_, b)| b).collect();
        write_image(&registry, image, &layers)?;
    }
    Ok(())
}

/// A blob that is in the registry: the hexadecimal digits of its SHA-256, and its size.
struct Blob {
    hex: String,
    size: usize,
}

impl Blob {
    fn descriptor(&self, media: &str) -> Value {
        json!({ "mediaType": media, "digest": self.digest(), "size": self.size })
    }

    fn digest(&self) -> String {
        format!("sha256:{}", self.hex)
    }
}

/// Writes one image: its configuration, its manifest, and the tag that stands for any.
fn write_image(registry: &Path, image: &Image, layers: &[&Blob]) -> Result<(), LabError> {
    let config = blob(registry, config(image, layers).to_string().as_bytes())?;
    // Not compressed: they travel over a bridge, and unpacking would cost more.
    let tars = layers.iter().map(|b| b.descriptor("application/vnd.oci.image.layer.v1.tar"));
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": config.descriptor("application/vnd.oci.image.config.v1+json"),
        "layers": tars.collect::<Vec<_>>(),
    });
    let manifest = blob(registry, manifest.to_string().as_bytes())?;
    let repository = registry.join("repositories/library").join(image.name);
    for linked in layers.iter().copied().chain([&config]) {
        link(&repository.join("_layers/sha256").join(&linked.hex), linked)?;
    }
    let manifests = repository.join("_manifests");
    link(&manifests.join("revisions/sha256").join(&manifest.hex), &manifest)?;
    link(&manifests.join("tags/latest/index/sha256").join(&manifest.hex), &manifest)?;
    link(&manifests.join("tags/latest/current"), &manifest)
}

/// An image's configuration, as the OCI image specification has it.
fn config(image: &Image, layers: &[&Blob]) -> Value {
    let Image { name, layers: _, entrypoint, cmd, workdir, ports, stop } = image;
    let ports: serde_json::Map<String, Value> =
        ports.iter().map(|p| ((*p).to_owned(), json!({}))).collect();
    let mut run = json!({
        "Env": [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG=C.UTF-8",
        ],
        "Cmd": cmd,
        "WorkingDir": workdir,
        "StopSignal": stop,
        "ExposedPorts": ports,
    });
    if !entrypoint.is_empty() {
        run["Entrypoint"] = json!(entrypoint);
    }
    json!({
        "architecture": architecture(),
        "os": "linux",
        "created": "2024-01-01T00:00:00Z",
        "author": format!("bowline lab, {name} of Debian's packages"),
        "config": run,
        "rootfs": {
            "type": "layers",
            "diff_ids": layers.iter().map(|b| b.digest()).collect::<Vec<_>>(),
        },
    })
}

/// The machine's architecture in the words of images.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}

fn blob(registry: &Path, content: &[u8]) -> Result<Blob, LabError> {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(content) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    let dir = registry.join("blobs/sha256").join(&hex[..2]).join(&hex);
    fs::create_dir_all(&dir).map_err(at(&dir))?;
    let path = dir.join("data");
    fs::write(&path, content).map_err(at(&path))?;
    Ok(Blob { hex, size: content.len() })
}

fn link(dir: &Path, blob: &Blob) -> Result<(), LabError> {
    fs::create_dir_all(dir).map_err(at(dir))?;
    let path = dir.join("link");
    fs::write(&path, blob.digest()).map_err(at(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_leads_to_a_manifest_whose_parts_are_all_there() {
        let (layers, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for name in LAYERS {
            fs::write(layers.path().join(format!("{name}.tar")), name).unwrap();
        }
        write(layers.path(), data.path()).unwrap();
        let registry = data.path().join("docker/registry/v2");
        let read = |digest: &str| {
            let hex = digest.strip_prefix("sha256:").unwrap();
            fs::read(registry.join("blobs/sha256").join(&hex[..2]).join(hex).join("data")).unwrap()
        };
        let nginx = registry.join("repositories/library/nginx");
        let tag = fs::read_to_string(nginx.join("_manifests/tags/latest/current/link")).unwrap();
        let manifest: Value = serde_json::from_slice(&read(&tag)).unwrap();
        let parts = manifest["layers"].as_array().unwrap();
        let bodies: Vec<_> = parts.iter().map(|l| read(l["digest"].as_str().unwrap())).collect();
        assert_eq!(bodies, [b"common".to_vec(), b"nginx".to_vec()]);
        let config: Value =
            serde_json::from_slice(&read(manifest["config"]["digest"].as_str().unwrap())).unwrap();
        assert_eq!(config["rootfs"]["diff_ids"][1], parts[1]["digest"]);
        assert_eq!(config["config"]["Entrypoint"][0], "/docker-entrypoint.sh");
    }

    #[test]
    fn every_layer_of_an_image_is_made() {
        assert!(IMAGES.iter().flat_map(|i| i.layers).all(|l| LAYERS.contains(l)));
    }
}
