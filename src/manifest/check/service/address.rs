//! The addresses of a Service and the families that they are of.

use k8s_openapi::api::core::v1::ServiceSpec;

use super::{Check, Kind, Seen};
use crate::document::quoted;
use crate::manifest::check::address::{Family, family, parse};

const FAMILIES: [&str; 2] = ["IPv4", "IPv6"];
const POLICIES: [&str; 3] = ["SingleStack", "PreferDualStack", "RequireDualStack"];

pub(super) fn check(spec: &ServiceSpec, kind: Kind, check: &mut Check<'_>) {
    for (index, address) in spec.external_ips.iter().flatten().enumerate() {
        check.ordinary_address(&format!("spec.externalIPs[{index}]"), address);
    }
    let families = spec.ip_families.as_deref().unwrap_or_default();
    if kind == Kind::ExternalName {
        return check_none(spec, check);
    }
    let mut seen = Seen::default();
    for (index, name) in families.iter().enumerate() {
        let path = format!("spec.ipFamilies[{index}]");
        check.choice(&path, name, &FAMILIES);
        if let Some(first) = seen.before(name.as_str(), &path) {
            check.twice(&path, &first, name);
        }
    }
    let policy = spec.ip_family_policy.as_deref();
    check.one_of("spec.ipFamilyPolicy", policy, &POLICIES);
    let several = families.len() > 1 || spec.cluster_ips.as_ref().is_some_and(|all| all.len() > 1);
    if several && !matches!(policy, Some("PreferDualStack" | "RequireDualStack")) {
        let help = "write `ipFamilyPolicy: PreferDualStack`";
        let message = "must allow two families when two are named";
        check.error_with("invalid-value", "spec.ipFamilyPolicy", message, help);
    }
    check_addresses(spec, families, check);
}

/// An `ExternalName` is an alias in DNS and has no address.
fn check_none(spec: &ServiceSpec, check: &mut Check<'_>) {
    let message = "is not allowed with `type: ExternalName`";
    for (field, there) in [
        ("clusterIP", spec.cluster_ip.as_ref().is_some_and(|address| !address.is_empty())),
        ("clusterIPs", spec.cluster_ips.as_ref().is_some_and(|all| !all.is_empty())),
        ("ipFamilies", spec.ip_families.as_ref().is_some_and(|all| !all.is_empty())),
        ("ipFamilyPolicy", spec.ip_family_policy.is_some()),
    ] {
        if there {
            check.forbidden(&format!("spec.{field}"), message);
        }
    }
}

fn check_addresses(spec: &ServiceSpec, families: &[String], check: &mut Check<'_>) {
    let one = spec.cluster_ip.as_deref().unwrap_or_default();
    let all = spec.cluster_ips.as_deref().unwrap_or_default();
    let path = "spec.clusterIPs";
    if let Some(first) = all.first() {
        if one.is_empty() {
            let help = format!("write `clusterIP: {first}` too");
            check.error_with("invalid-value", path, "is not allowed without `clusterIP`", &help);
        } else if one != first {
            let message = format!("must begin with the `clusterIP`, {}", quoted(one));
            check.error("invalid-value", &format!("{path}[0]"), &message);
        }
    } else {
        check_address("spec.clusterIP", one, families.first(), check);
    }
    if all.len() > 2 {
        check.error("invalid-value", path, "must be two addresses at most, one of each family");
    }
    for (index, address) in all.iter().enumerate() {
        let path = format!("{path}[{index}]");
        if address == "None" && all.len() > 1 {
            check.error("invalid-value", &path, "`None` must stand alone");
        } else {
            check_address(&path, address, families.get(index), check);
        }
    }
    let both = all.iter().filter_map(|address| parse(address)).map(family);
    if let [one, other] = both.collect::<Vec<_>>()[..]
        && one == other
    {
        check.error("invalid-value", path, "must be one address of each family");
    }
}

fn check_address(path: &str, text: &str, wanted: Option<&String>, check: &mut Check<'_>) {
    if matches!(text, "" | "None") {
        return;
    }
    let Some(address) = check.address(path, text) else { return };
    let name = match family(address) {
        Family::V4 => "IPv4",
        Family::V6 => "IPv6",
    };
    if let Some(wanted) = wanted
        && wanted != name
        && FAMILIES.contains(&wanted.as_str())
    {
        let message = format!("{} must be an {wanted} address, as ipFamilies says", quoted(text));
        check.error("invalid-value", path, &message);
    } else if family(address) == Family::V6 {
        let message = "an IPv6 address is not carried out yet: the Service gets an IPv4 address";
        check.notice(path, message);
    }
}
