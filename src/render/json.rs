//! A plan as programs read it. These shapes are promised: fields may be added, none changes its meaning.

use serde_json::{Value, json};

use crate::model::Generation;
use crate::plan::Report;

/// The plan as JSON, as `plan -o json` prints it.
pub fn plan_json(generation: Generation, report: &Report) -> Value {
    let pending: Vec<Value> = report
        .pending
        .iter()
        .map(|pending| {
            let object = &pending.object;
            json!({
                "kind": object.kind,
                "namespace": object.namespace,
                "name": object.name,
                "reason": pending.why(),
            })
        })
        .collect();
    let unreachable: Vec<Value> = report
        .unreachable
        .iter()
        .map(|(host, error)| json!({"host": host, "error": error}))
        .collect();
    json!({
        "generation": generation,
        "changes": report.changes,
        "pending": pending,
        "unreachable": unreachable,
        "summary": report.summary(),
    })
}
