//! Events.

use k8s_openapi::api::core::v1::Event;

use super::Check;

/// The most characters of a short field, and of the message.
const SHORT: usize = 128;
const MESSAGE: usize = 1024;

pub(super) fn check(event: &Event, check: &mut Check<'_>) {
    let about = event.involved_object.namespace.as_deref().filter(|ns| !ns.is_empty());
    let own = event.metadata.namespace.as_deref().filter(|ns| !ns.is_empty());
    if let (Some(about), Some(own)) = (about, own)
        && about != own
    {
        let message = format!("must be the event's own namespace, `{own}`");
        check.error("invalid-value", "involvedObject.namespace", &message);
    }
    // Events of today say when and by whom; those of old do not, and are taken as they are.
    if event.event_time.is_none() {
        return;
    }
    let reporter = event.reporting_component.as_deref().unwrap_or_default();
    if reporter.is_empty() {
        check.required("reportingComponent");
    } else {
        check.label_key("reportingComponent", reporter);
    }
    for (field, text) in [
        ("reportingInstance", &event.reporting_instance),
        ("action", &event.action),
        ("reason", &event.reason),
    ] {
        match text.as_deref().unwrap_or_default() {
            "" => check.required(field),
            text => at_most(field, text, SHORT, check),
        }
    }
    at_most("message", event.message.as_deref().unwrap_or_default(), MESSAGE, check);
}

fn at_most(path: &str, text: &str, most: usize, check: &mut Check<'_>) {
    if text.len() > most {
        check.error("too-large", path, &format!("must have at most {most} characters"));
    }
}
