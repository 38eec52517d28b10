//! Volumes as a container sees them.

use k8s_openapi::api::core::v1::{Container, VolumeMount};

use crate::plan::{Access, DeviceToGive, LastingPlace, MountToMake, Propagation, VolumeToMake};

use std::collections::BTreeMap;

/// What the marks begin with that stand for what Secrets hold (`plan::secret_mark`).
const SECRET_MARK: &str = "@bowline-secret-";

/// Why a container cannot be given a volume, in the kubelet's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::plan) enum MountError {
    /// A variable in `subPathExpr` is not set.
    #[error("container {container}: missing value for \"{name}\" in subPathExpr `{text}`")]
    Unset { container: String, name: String, text: String },
    /// The path would tell what a Secret holds: it is in mounts and in lists of processes.
    #[error("container {container}: subPathExpr `{text}` names a variable that a Secret gives")]
    Secret { container: String, text: String },
    /// A block device can only be given as it is.
    #[error(
        "container {container}: volume {volume} has volumeMode Block, but is specified in volumeMounts"
    )]
    Block { container: String, volume: String },
    /// A file system can only be mounted.
    #[error(
        "container {container}: volume {volume} has volumeMode Filesystem, but is specified in volumeDevices"
    )]
    Filesystem { container: String, volume: String },
    /// podman would read the path as two.
    #[error("container {container}: no device can be given whose path has a colon: `{path}`")]
    Colon { container: String, path: String },
    /// The expanded path begins at the root.
    #[error("container {container}: SubPath `{path}` must not be an absolute path")]
    Absolute { container: String, path: String },
    /// The expanded path leads upwards.
    #[error("container {container}: unable to provision SubPath `{path}`: must not contain '..'")]
    Upwards { container: String, path: String },
}

/// The mounts of a container, in order, its environment being known.
pub(in crate::plan::realise) fn mounts(
    container: &Container,
    env: &[(String, String)],
    volumes: &BTreeMap<String, VolumeToMake>,
) -> Result<Vec<MountToMake>, MountError> {
    let mounts = container.volume_mounts.iter().flatten();
    mounts.map(|mount| one(mount, container, env, volumes.get(&mount.name))).collect()
}

/// The block devices of a container, in order.
pub(in crate::plan::realise) fn devices(
    container: &Container,
    volumes: &BTreeMap<String, VolumeToMake>,
) -> Result<Vec<DeviceToGive>, MountError> {
    let devices = container.volume_devices.iter().flatten();
    let given = devices.map(|device| {
        let name = || container.name.clone();
        let (path, access) = match volumes.get(&device.name) {
            Some(VolumeToMake::Lasting {
                place: LastingPlace::Device { path }, access, ..
            }) => (path.clone(), *access),
            _ => {
                let volume = device.name.clone();
                return Err(MountError::Filesystem { container: name(), volume });
            }
        };
        if let Some(path) = [&path, &device.device_path].into_iter().find(|p| p.contains(':')) {
            return Err(MountError::Colon { container: name(), path: path.clone() });
        }
        Ok(DeviceToGive::Block { path, inside: device.device_path.clone(), access })
    });
    given.collect()
}

fn one(
    mount: &VolumeMount,
    container: &Container,
    env: &[(String, String)],
    volume: Option<&VolumeToMake>,
) -> Result<MountToMake, MountError> {
    if let Some(VolumeToMake::Lasting { place: LastingPlace::Device { .. }, .. }) = volume {
        let (container, volume) = (container.name.clone(), mount.name.clone());
        return Err(MountError::Block { container, volume });
    }
    Ok(MountToMake {
        volume: mount.name.clone(),
        part: part(mount, container, env)?,
        path: format!("/{}", mount.mount_path.trim_start_matches('/')),
        access: access(mount, volume),
        propagation: match mount.mount_propagation.as_deref() {
            Some("HostToContainer") => Propagation::HostToContainer,
            Some("Bidirectional") => Propagation::Bidirectional,
            _ => Propagation::None,
        },
    })
}

/// Files that are made from objects, images, and volumes that the pod asks for to read, are never written to, whatever the
/// mount says.
fn access(mount: &VolumeMount, volume: Option<&VolumeToMake>) -> Access {
    let is_fixed = matches!(
        volume,
        Some(
            VolumeToMake::Files(_)
                | VolumeToMake::Image { .. }
                | VolumeToMake::Lasting { access: Access::ReadOnly, .. }
        )
    );
    let throughout = matches!(mount.recursive_read_only.as_deref(), Some("Enabled" | "IfPossible"));
    match (mount.read_only, is_fixed) {
        (Some(true), _) if throughout => Access::ReadOnlyThroughout,
        (Some(true), _) | (_, true) => Access::ReadOnly,
        (Some(false) | None, false) => Access::ReadWrite,
    }
}

fn part(
    mount: &VolumeMount,
    container: &Container,
    env: &[(String, String)],
) -> Result<Option<String>, MountError> {
    let is_set = |text: &&String| !text.is_empty();
    let path = match mount.sub_path_expr.as_ref().filter(is_set) {
        Some(text) => expand(text, env).map_err(|name| MountError::Unset {
            container: container.name.clone(),
            name,
            text: text.clone(),
        })?,
        None => mount.sub_path.clone().unwrap_or_default(),
    };
    let container = || container.name.clone();
    if path.contains(SECRET_MARK) {
        let text = mount.sub_path_expr.clone().unwrap_or_default();
        return Err(MountError::Secret { container: container(), text });
    }
    if path.starts_with('/') {
        return Err(MountError::Absolute { container: container(), path });
    }
    if path.split('/').any(|step| step == "..") {
        return Err(MountError::Upwards { container: container(), path });
    }
    Ok(Some(path).filter(|path| !path.is_empty()))
}

/// Expands `$(NAME)`; the name of the first variable that is not set is the error. Elsewhere such a name is left as it is, but a
/// directory of that name would be nobody's wish.
fn expand(text: &str, env: &[(String, String)]) -> Result<String, String> {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|r| r.split_once(')')) {
            let (_, value) =
                env.iter().find(|(have, _)| have == name).ok_or_else(|| name.to_owned())?;
            out.push_str(value);
            rest = after;
        } else {
            out.push('$');
        }
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::secret_mark;
    use serde_json::json;

    fn part_of(mount: &serde_json::Value) -> Result<Option<String>, String> {
        let container = json!({"name": "main", "volumeMounts": [mount]});
        let container: Container = serde_json::from_value(container).unwrap();
        let env = [("NAME", "web-1"), ("UP", "../x"), ("ROOT", "/x"), ("KEY", &secret_mark(0))];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mounts = mounts(&container, &env, &BTreeMap::new());
        mounts.map(|mounts| mounts[0].part.clone()).map_err(|error| error.to_string())
    }

    fn expression(text: &str) -> Result<Option<String>, String> {
        part_of(&json!({"name": "v", "mountPath": "/v", "subPathExpr": text}))
    }

    #[test]
    fn parts_are_expanded_and_never_lead_out() {
        let part = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(
            part_of(&json!({"name": "v", "mountPath": "/v", "subPath": "a/$(NAME)"})),
            part("a/$(NAME)")
        );
        assert_eq!(part_of(&json!({"name": "v", "mountPath": "/v"})), Ok(None));
        assert_eq!(expression("logs/$(NAME)/$$(NAME)$"), part("logs/web-1/$(NAME)$"));
        let refused =
            ["$(NONE)", "a/$(UP)", "$(ROOT)", "$(KEY)"].map(|text| expression(text).unwrap_err());
        insta::assert_snapshot!(refused.join("\n"), @r#"
        container main: missing value for "NONE" in subPathExpr `$(NONE)`
        container main: unable to provision SubPath `a/../x`: must not contain '..'
        container main: SubPath `/x` must not be an absolute path
        container main: subPathExpr `$(KEY)` names a variable that a Secret gives
        "#);
    }

    #[test]
    fn what_is_made_from_objects_is_read_only() {
        let image = VolumeToMake::Image { reference: "a".to_owned() };
        for (mount, volume, access) in [
            (json!({}), None, Access::ReadWrite),
            (json!({}), Some(&image), Access::ReadOnly),
            (json!({"readOnly": true}), None, Access::ReadOnly),
            (
                json!({"readOnly": true, "recursiveReadOnly": "Enabled"}),
                None,
                Access::ReadOnlyThroughout,
            ),
            (json!({"readOnly": true, "recursiveReadOnly": "Disabled"}), None, Access::ReadOnly),
        ] {
            let mut mount = mount.clone();
            mount["name"] = json!("v");
            mount["mountPath"] = json!("/v");
            let mount: VolumeMount = serde_json::from_value(mount).unwrap();
            assert_eq!(super::access(&mount, volume), access, "{mount:?}");
        }
    }
}
