//! The parts of a pod that a Deployment's template has as well: containers and volumes.

use k8s_openapi::api::core::v1::{
    Container, ContainerState, ContainerStatus, EnvFromSource, EnvVar, PodSpec, Volume,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::fields::{Fields, date};
use super::probe::probes;

/// The containers, each with its status where there is one.
pub(super) fn containers(of: &[Container], statuses: &[ContainerStatus]) -> Fields {
    let mut all = Fields::default();
    for container in of {
        let status = statuses.iter().find(|status| status.name == container.name);
        all.add_block(&container.name, &one(container, status));
    }
    all
}

fn one(container: &Container, status: Option<&ContainerStatus>) -> Fields {
    let mut fields = Fields::default();
    if let Some(status) = status {
        fields.add_some("Container ID", status.container_id.clone());
    }
    fields.add("Image", container.image.clone().unwrap_or_default());
    if let Some(status) = status {
        fields.add("Image ID", status.image_id.clone());
    }
    let ports = container.ports.iter().flatten();
    let port = |number: i32, protocol: Option<&String>| {
        format!("{number}/{}", protocol.map_or("TCP", String::as_str))
    };
    let inner = ports.clone().map(|p| port(p.container_port, p.protocol.as_ref()));
    let outer = ports.map(|p| port(p.host_port.unwrap_or(0), p.protocol.as_ref()));
    fields.add_all("Port", inner.collect::<Vec<_>>());
    fields.add_all("Host Port", outer.collect::<Vec<_>>());
    for (name, words) in [("Command", &container.command), ("Args", &container.args)] {
        if let Some(words) = words {
            fields.add_all(name, words.clone());
        }
    }
    if let Some(status) = status {
        state(&mut fields, "State", status.state.as_ref());
        state(&mut fields, "Last State", status.last_state.as_ref());
        fields.add("Ready", if status.ready { "True" } else { "False" });
        fields.add("Restart Count", status.restart_count.to_string());
    }
    let resources = container.resources.clone().unwrap_or_default();
    for (name, amounts) in [("Limits", resources.limits), ("Requests", resources.requests)] {
        let amounts = amounts.unwrap_or_default();
        if !amounts.is_empty() {
            let text = amounts.iter().map(|(name, Quantity(amount))| format!("{name}: {amount}"));
            fields.add_all(name, text.collect());
        }
    }
    probes(&mut fields, container);
    let from = container.env_from.iter().flatten().map(source).collect::<Vec<_>>();
    if !from.is_empty() {
        fields.add_all("Environment Variables from", from);
    }
    fields.add_all("Environment", container.env.iter().flatten().map(variable).collect());
    let mounts = container.volume_mounts.iter().flatten().map(|mount| {
        let access = if mount.read_only == Some(true) { "ro" } else { "rw" };
        format!("{} from {} ({access})", mount.mount_path, mount.name)
    });
    fields.add_all("Mounts", mounts.collect());
    fields
}

fn state(fields: &mut Fields, name: &str, state: Option<&ContainerState>) {
    let Some(state) = state else { return };
    if let Some(running) = &state.running {
        fields.add(name, "Running");
        fields.add_some("  Started", date(running.started_at.as_ref()));
    } else if let Some(waiting) = &state.waiting {
        fields.add(name, "Waiting");
        fields.add_some("  Reason", waiting.reason.clone());
    } else if let Some(ended) = &state.terminated {
        fields.add(name, "Terminated");
        fields.add_some("  Reason", ended.reason.clone());
        fields.add_some("  Message", ended.message.clone());
        fields.add("  Exit Code", ended.exit_code.to_string());
        fields.add_some("  Started", date(ended.started_at.as_ref()));
        fields.add_some("  Finished", date(ended.finished_at.as_ref()));
    }
}

fn source(source: &EnvFromSource) -> String {
    let prefix =
        source.prefix.as_deref().map(|p| format!(" with prefix '{p}'")).unwrap_or_default();
    match (&source.config_map_ref, &source.secret_ref) {
        (Some(map), _) => format!("{}  ConfigMap{prefix}", map.name),
        (_, Some(secret)) => format!("{}  Secret{prefix}", secret.name),
        (None, None) => String::new(),
    }
}

fn variable(variable: &EnvVar) -> String {
    let name = &variable.name;
    let from = variable.value_from.clone().unwrap_or_default();
    if let Some(map) = from.config_map_key_ref {
        format!("{name}:  <set to the key '{}' of config map '{}'>", map.key, map.name)
    } else if let Some(secret) = from.secret_key_ref {
        format!("{name}:  <set to the key '{}' in secret '{}'>", secret.key, secret.name)
    } else if let Some(field) = from.field_ref {
        format!("{name}:   ({})", field.field_path)
    } else {
        format!("{name}:  {}", variable.value.as_deref().unwrap_or_default())
    }
}

/// The volumes.
pub(super) fn volumes(spec: &PodSpec) -> Fields {
    let mut all = Fields::default();
    for volume in spec.volumes.iter().flatten() {
        let mut fields = Fields::default();
        kind(&mut fields, volume);
        all.add_block(&volume.name, &fields);
    }
    all
}

fn kind(fields: &mut Fields, volume: &Volume) {
    if let Some(map) = &volume.config_map {
        fields.add("Type", "ConfigMap (a volume populated by a ConfigMap)");
        fields.add("Name", map.name.clone());
        fields.add("Optional", map.optional.unwrap_or(false).to_string());
    } else if let Some(path) = &volume.host_path {
        fields.add("Type", "HostPath (bare host directory volume)");
        fields.add("Path", path.path.clone());
    } else if let Some(claim) = &volume.persistent_volume_claim {
        let type_ =
            "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)";
        fields.add("Type", type_);
        fields.add("ClaimName", claim.claim_name.clone());
        fields.add("ReadOnly", claim.read_only.unwrap_or(false).to_string());
    } else if volume.ephemeral.is_some() {
        let type_ = "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)";
        fields.add("Type", type_);
    } else if let Some(nfs) = &volume.nfs {
        fields.add("Type", "NFS (an NFS mount that lasts the lifetime of a pod)");
        fields.add("Server", nfs.server.clone());
        fields.add("Path", nfs.path.clone());
        fields.add("ReadOnly", nfs.read_only.unwrap_or(false).to_string());
    } else if volume.empty_dir.is_some() {
        fields.add("Type", "EmptyDir (a temporary directory that shares a pod's lifetime)");
    } else {
        fields.add("Type", "<unknown>");
    }
}
