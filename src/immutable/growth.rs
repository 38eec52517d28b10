//! Claims that ask for more: their class must let them. Their limits grow as well here, which an API server lets nobody change:
//! they are the sizes of file systems.

use k8s_openapi::api::core::v1::PersistentVolumeClaim;

use super::Fixed;
use crate::controller::allows_growth;
use crate::desired::Desired;
use crate::manifest::ReadObject;
use crate::model::{Amount, Object};

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
    let (path, before) = [Field::Requests, Field::Limits].into_iter().find_map(|field| {
        let (before, after) = (size(old, field)?, size(new, field)?);
        let has_grown = Amount::parse(&after).ok()? > Amount::parse(&before).ok()?;
        has_grown.then(|| (field.path().to_owned(), before))
    })?;
    let objects = read.iter().map(|read| read.object.clone());
    let all = stored.clone().with(objects.filter(|one| matches!(one, Object::StorageClass(_))));
    let message = MESSAGE.to_owned();
    (!allows_growth(&all, old)).then_some(Fixed { path, message, was: Some(before) })
}

/// Where a claim says a size.
#[derive(Clone, Copy)]
enum Field {
    Requests,
    Limits,
}

impl Field {
    fn path(self) -> &'static str {
        match self {
            Self::Requests => "spec.resources.requests.storage",
            Self::Limits => "spec.resources.limits.storage",
        }
    }
}

fn size(claim: &PersistentVolumeClaim, field: Field) -> Option<String> {
    let resources = claim.spec.as_ref()?.resources.as_ref()?;
    let amounts = match field {
        Field::Requests => resources.requests.as_ref()?,
        Field::Limits => resources.limits.as_ref()?,
    };
    Some(amounts.get("storage")?.0.clone())
}
