//! The nouns that every other module speaks in: ids, labels, quantities, digests.
//!
//! Nothing here knows a host, a file or a clock.

mod amount;
mod digest;
mod gpu;
mod hidden;
mod host_port;
mod id;
mod image;
mod kind;
mod labels;
pub(crate) mod names;
mod node_terms;
mod object;
mod platform;
mod pod;
mod qos;
mod quantity;
mod size;
mod template;
mod used;
mod volume;

pub use amount::Amount;
pub use digest::{Digest, content_digest};
pub use gpu::{GPU, GPU_MILLI};
pub use hidden::Hidden;
pub use host_port::{HostPort, Protocol, host_ports};
pub use id::{FleetName, Generation, NodeName, ObjectKey, PodKey};
pub use image::{
    asked_images, full_name, is_latest, listed_name, pulled_images, reference_fault, repository,
};
pub(crate) use kind::each_kind;
pub use kind::{Effect, Kind, Scope, UnknownKind};
pub use labels::{Labels, Selector, SelectorError};
pub use node_terms::chooses_node;
pub(crate) use object::ReadAs;
pub use object::{Object, ObjectError};
pub use platform::{ImageOfList, Machine, Platform, made_for};
pub use pod::{
    complete_pod, container_limit, container_request, is_native, is_shared, is_sidecar,
    whole_resources,
};
pub use qos::{QosClass, qos_class};
pub use quantity::{QuantityError, Resources, parse_quantity_bytes, parse_quantity_milli};
pub use size::{Rounding, bytes_text, is_in_bytes};
pub use template::PodTemplate;
pub use used::Used;
pub(crate) use volume::BESIDE_SOURCE;
pub use volume::storage_class;
