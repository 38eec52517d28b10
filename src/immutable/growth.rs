//! Claims that ask for more: their class must let them.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;

use super::Fixed;
use crate::controller::allows_growth;
use crate::desired::Desired;
use crate::manifest::ReadObject;
use crate::model::{Amount, Object};

const PATH: &str = "spec.resources.requests.storage";

const MESSAGE: &str = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must \
    support resize";

/// What is wrong with the growth of a claim, the classes being those that are stored or were read with it.
pub(super) fn refused(
    (old, new): (&Object, &Object),
    read: &[ReadObject],
    stored: &Desired,
) -> Option<Fixed> {
    let (Object::PersistentVolumeClaim(old), Object::PersistentVolumeClaim(new)) = (old, new)
    else {
        return None;
    };
    let (before, after) = (size(old)?, size(new)?);
    if Amount::parse(&after).ok()? <= Amount::parse(&before).ok()? {
        return None;
    }
    let objects = read.iter().map(|read| read.object.clone());
    let all = stored.clone().with(objects.filter(|one| matches!(one, Object::StorageClass(_))));
    let (path, message) = (PATH.to_owned(), MESSAGE.to_owned());
    (!allows_growth(&all, old)).then_some(Fixed { path, message, was: Some(before) })
}

fn size(claim: &PersistentVolumeClaim) -> Option<String> {
    let requests = claim.spec.as_ref()?.resources.as_ref()?.requests.as_ref()?;
    Some(requests.get("storage")?.0.clone())
}
