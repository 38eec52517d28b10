//! The labels that everything of ours on a host carries: each container all of them. What lacks the fleet's label is never
//! touched, but for pods that were left half made (`containers`).

/// The fleet; on podman's network too.
pub(super) const FLEET: &str = "bowline.fleet";
/// The Pod's namespace.
pub(super) const NAMESPACE: &str = "bowline.namespace";
/// The Pod's name.
pub(super) const POD: &str = "bowline.pod";
/// What the Pod was made for, as `kind/name`; empty for a Pod that stands by itself.
pub(super) const OWNER: &str = "bowline.owner";
/// The digest of what the Pod is made from.
pub(super) const DIGEST: &str = "bowline.digest";
/// The generation that made it.
pub(super) const GENERATION: &str = "bowline.generation";
/// The Pod's address.
pub(super) const ADDRESS: &str = "bowline.address";
/// What the container is to the Pod: `init` or `sidecar`; a main one has no such label.
pub(super) const ROLE: &str = "bowline.role";
/// The devices that the container was given, with a comma between them; one that was given none has no such label.
pub(super) const DEVICES: &str = "bowline.devices";
/// The container's name in the Pod.
pub(super) const CONTAINER: &str = "bowline.container";
/// The name in its Pod of a container that somebody added to look into it; such a container has no other label but those of
/// the fleet and the Pod, and the next.
pub(super) const EPHEMERAL: &str = "bowline.ephemeral";
/// The container whose processes an added one sees.
pub(super) const TARGET: &str = "bowline.target";
