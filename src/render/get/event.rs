//! Events.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, Time};

use super::row::{Name, Row};
use crate::render::age::age;

/// What happened goes first; the event's own name says nothing and is shown only where there is room.
pub(super) fn event(event: &Event, now: Timestamp) -> Row {
    let since = |time: Option<&Time>| age(time, now);
    let exact = |time: Option<&MicroTime>| age(time.map(|time| Time(time.0)).as_ref(), now);
    let first = match &event.first_timestamp {
        Some(time) => since(Some(time)),
        None => exact(event.event_time.as_ref()),
    };
    let (last, count) = match (&event.series, &event.last_timestamp) {
        (Some(series), _) => (exact(series.last_observed_time.as_ref()), series.count),
        (None, Some(time)) => (since(Some(time)), event.count),
        (None, None) => (first.clone(), event.count),
    };
    let about = &event.involved_object;
    let kind = about.kind.as_deref().unwrap_or_default().to_lowercase();
    let name = about.name.as_deref().filter(|name| !name.is_empty());
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Row::default()
        .name(Name::Within)
        .cell("LAST SEEN", last)
        .cell("TYPE", text(&event.type_))
        .cell("REASON", text(&event.reason))
        .cell("OBJECT", name.map_or(kind.clone(), |name| format!("{kind}/{name}")))
        .wide("SUBOBJECT", text(&about.field_path))
        .wide("SOURCE", source(event))
        .cell("MESSAGE", text(&event.message).trim())
        .wide("FIRST SEEN", first)
        .wide("COUNT", count.filter(|count| *count > 0).unwrap_or(1))
        .wide("NAME", text(&event.metadata.name))
}

/// Who told of it, and on which host.
fn source(event: &Event) -> String {
    let source = event.source.clone().unwrap_or_default();
    let said = |text: Option<String>| text.filter(|text| !text.is_empty());
    let component = said(source.component).or(event.reporting_component.clone());
    let host = said(source.host).or(said(event.reporting_instance.clone()));
    let component = component.unwrap_or_default();
    host.map_or(component.clone(), |host| format!("{component}, {host}"))
}
