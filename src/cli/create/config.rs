//! `bowline create configmap`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::{Map, Value, json};

use super::super::CliError;
use super::Common;
use super::files::DataArgs;

/// Make a ConfigMap
///
/// `bowline create configmap web --from-file=nginx.conf --from-literal=level=debug`.
#[derive(Debug, Args)]
pub(super) struct ConfigMapArgs {
    #[command(flatten)]
    pub(super) common: Common,

    #[command(flatten)]
    data: DataArgs,
}

impl ConfigMapArgs {
    pub(super) fn json(&self) -> Result<Value, CliError> {
        let (mut text, mut binary) = (Map::new(), Map::new());
        for (key, value) in self.data.read()? {
            match String::from_utf8(value) {
                Ok(value) => text.insert(key, Value::from(value)),
                Err(error) => binary.insert(key, STANDARD.encode(error.as_bytes()).into()),
            };
        }
        let mut map = json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": self.common.name}});
        for (field, data) in [("data", text), ("binaryData", binary)] {
            if !data.is_empty() {
                map[field] = Value::Object(data);
            }
        }
        Ok(map)
    }
}
