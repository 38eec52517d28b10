//! Volumes on other machines' file systems.

use k8s_openapi::api::core::v1::{ISCSIVolumeSource, NFSVolumeSource, QuobyteVolumeSource, Volume};

use super::{check_secret, is_host_and_port};
use crate::document::quoted;
use crate::manifest::check::Check;

/// The longest name of a tenant of Quobyte.
const TENANT_MAX: usize = 64;

pub(super) fn check(volume: &Volume, path: &str, check: &mut Check<'_>) {
    if let Some(nfs) = &volume.nfs {
        check_nfs(nfs, &format!("{path}.nfs"), check);
    }
    if let Some(iscsi) = &volume.iscsi {
        check_iscsi(iscsi, &format!("{path}.iscsi"), check);
    }
    if let Some(gluster) = &volume.glusterfs {
        check.filled(&format!("{path}.glusterfs.endpoints"), &gluster.endpoints);
        check.filled(&format!("{path}.glusterfs.path"), &gluster.path);
    }
    if let Some(ceph) = &volume.cephfs
        && ceph.monitors.is_empty()
    {
        check.required(&format!("{path}.cephfs.monitors"));
    }
    if let Some(quobyte) = &volume.quobyte {
        check_quobyte(quobyte, &format!("{path}.quobyte"), check);
    }
    if let Some(file) = &volume.azure_file {
        check.filled(&format!("{path}.azureFile.secretName"), &file.secret_name);
        check.filled(&format!("{path}.azureFile.shareName"), &file.share_name);
    }
    if let Some(git) = &volume.git_repo {
        check.filled(&format!("{path}.gitRepo.repository"), &git.repository);
        let directory = git.directory.as_deref().unwrap_or_default();
        check.relative(&format!("{path}.gitRepo.directory"), directory);
    }
    if let Some(flocker) = &volume.flocker {
        let name = flocker.dataset_name.as_deref().unwrap_or_default();
        let uuid = flocker.dataset_uuid.as_deref().unwrap_or_default();
        let count = usize::from(!name.is_empty()) + usize::from(!uuid.is_empty());
        check.exactly_one(&format!("{path}.flocker"), count, "datasetName and datasetUUID");
        if name.contains('/') {
            let path = format!("{path}.flocker.datasetName");
            check.error("invalid-value", &path, "must not contain `/`");
        }
    }
}

fn check_nfs(nfs: &NFSVolumeSource, path: &str, check: &mut Check<'_>) {
    check.filled(&format!("{path}.server"), &nfs.server);
    let path = format!("{path}.path");
    if nfs.path.is_empty() {
        check.required(&path);
    } else if !nfs.path.starts_with('/') {
        let help = format!("write it from the root: /{}", nfs.path);
        check.error_with("invalid-value", &path, "must be an absolute path", &help);
    }
}

fn check_iscsi(iscsi: &ISCSIVolumeSource, path: &str, check: &mut Check<'_>) {
    check.filled(&format!("{path}.targetPortal"), &iscsi.target_portal);
    check.filled(&format!("{path}.iqn"), &iscsi.iqn);
    let initiator = iscsi.initiator_name.as_deref().unwrap_or_default();
    for (field, name) in [("iqn", iscsi.iqn.as_str()), ("initiatorName", initiator)] {
        if !name.is_empty() && !is_iscsi_name(name) {
            let message = format!(
                "{} is not a name of iSCSI, such as iqn.2001-04.com.example:disk",
                quoted(name)
            );
            check.error("invalid-name", &format!("{path}.{field}"), &message);
        }
    }
    check.range(&format!("{path}.lun"), Some(iscsi.lun.into()), 0, 255);
    let asks = [iscsi.chap_auth_discovery, iscsi.chap_auth_session].contains(&Some(true));
    if asks && iscsi.secret_ref.is_none() {
        check.required(&format!("{path}.secretRef"));
    }
}

/// Whether a name is one of the three forms that iSCSI knows.
///
/// Source: RFC 3720, section 3.2.6.3
fn is_iscsi_name(name: &str) -> bool {
    let is_hex = |digits: &str, lengths: &[usize]| {
        lengths.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit())
    };
    if let Some(rest) = name.strip_prefix("iqn.") {
        let Some((date, authority)) = rest.split_once('.') else { return false };
        let Some((year, month)) = date.split_once('-') else { return false };
        let digits =
            |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        let authority = authority.split(':').next().unwrap_or_default();
        let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        return digits(year, 4)
            && digits(month, 2)
            && !authority.is_empty()
            && authority.bytes().all(inner);
    }
    match (name.strip_prefix("eui."), name.strip_prefix("naa.")) {
        (Some(digits), _) => is_hex(digits, &[16]),
        (None, Some(digits)) => is_hex(digits, &[16, 32]),
        (None, None) => false,
    }
}

fn check_quobyte(quobyte: &QuobyteVolumeSource, path: &str, check: &mut Check<'_>) {
    let registry = format!("{path}.registry");
    if quobyte.registry.is_empty() {
        check.required(&registry);
    } else if !quobyte.registry.split(',').all(is_host_and_port) {
        let message =
            format!("{} must be HOST:PORT, or several with commas", quoted(&quobyte.registry));
        check.error("invalid-value", &registry, &message);
    }
    if quobyte.tenant.as_ref().is_some_and(|tenant| tenant.len() > TENANT_MAX) {
        let message = format!("is too long: at most {TENANT_MAX} characters are allowed");
        check.error("too-large", &format!("{path}.tenant"), &message);
    }
    check.filled(&format!("{path}.volume"), &quobyte.volume);
}

/// Checks disks that are opened with a Secret of the pod's namespace.
pub(super) fn check_secrets(volume: &Volume, path: &str, check: &mut Check<'_>) {
    if let Some(disk) = &volume.cinder {
        check_secret(disk.secret_ref.as_ref(), &format!("{path}.cinder"), check);
    }
    if let Some(disk) = &volume.storageos {
        check_secret(disk.secret_ref.as_ref(), &format!("{path}.storageos"), check);
    }
}
