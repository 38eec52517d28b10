//! GPUs, as pods ask for them and hosts have them.

/// The resource of whole GPUs: each is one pod's alone.
///
/// Source: <https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/>
pub const GPU: &str = "nvidia.com/gpu";

/// The resource of parts of a GPU, in thousandths: pods that ask for parts share one, as far as it goes. Hosts that have whole
/// ones have it by themselves.
pub const GPU_MILLI: &str = "bowline/gpu-milli";
