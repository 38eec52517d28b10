//! `bowline create secret`.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::super::CliError;
use super::Common;
use super::files::{Data, DataArgs};

/// Make a Secret
#[derive(Debug, Args)]
pub(super) struct SecretArgs {
    #[command(subcommand)]
    way: Way,
}

#[derive(Debug, Subcommand)]
enum Way {
    Generic(GenericArgs),
    Tls(TlsArgs),
    #[command(name = "docker-registry")]
    Registry(RegistryArgs),
}

/// Make a Secret of keys and values
///
/// `bowline create secret generic db --from-file=password`. A value after --from-literal can be read in the list of processes.
#[derive(Debug, Args)]
struct GenericArgs {
    #[command(flatten)]
    common: Common,

    #[command(flatten)]
    data: DataArgs,

    /// What the Secret is for
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
}

/// Make a Secret of a certificate and its key
#[derive(Debug, Args)]
struct TlsArgs {
    #[command(flatten)]
    common: Common,

    /// The file of the certificate, in PEM
    #[arg(long, value_name = "FILE")]
    cert: PathBuf,

    /// The file of its key, in PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

/// Make a Secret to log in to a registry of images with
#[derive(Debug, Args)]
struct RegistryArgs {
    #[command(flatten)]
    common: Common,

    /// The registry
    #[arg(long, value_name = "ADDRESS", default_value = "https://index.docker.io/v1/")]
    docker_server: String,

    /// Who logs in
    #[arg(long, value_name = "NAME", required_unless_present = "from_file")]
    docker_username: Option<String>,

    /// The password; it can be read in the list of processes, unlike that of --from-file
    #[arg(long, value_name = "PASSWORD", required_unless_present = "from_file")]
    docker_password: Option<String>,

    /// An address for mail
    #[arg(long, value_name = "ADDRESS")]
    docker_email: Option<String>,

    /// A file of logins, such as ~/.docker/config.json
    #[arg(long, value_name = "FILE", conflicts_with_all = ["docker_username", "docker_password", "docker_email"])]
    from_file: Option<PathBuf>,
}

impl SecretArgs {
    pub(super) fn common(&self) -> &Common {
        match &self.way {
            Way::Generic(args) => &args.common,
            Way::Tls(args) => &args.common,
            Way::Registry(args) => &args.common,
        }
    }

    pub(super) fn json(&self) -> Result<Value, CliError> {
        let name = &self.common().name;
        match &self.way {
            Way::Generic(args) => Ok(secret(name, args.kind.as_deref(), args.data.read()?)),
            Way::Tls(TlsArgs { cert, key, .. }) => {
                let data = [("tls.crt", cert), ("tls.key", key)];
                let data = data.into_iter().map(|(key, path)| Ok((key.to_owned(), bytes(path)?)));
                Ok(secret(name, Some("kubernetes.io/tls"), data.collect::<Result<_, CliError>>()?))
            }
            Way::Registry(args) => {
                let logins = match &args.from_file {
                    Some(path) => bytes(path)?,
                    None => args.logins().to_string().into_bytes(),
                };
                let data = Data::from([(".dockerconfigjson".to_owned(), logins)]);
                Ok(secret(name, Some("kubernetes.io/dockerconfigjson"), data))
            }
        }
    }
}

impl RegistryArgs {
    /// The logins as docker keeps them.
    fn logins(&self) -> Value {
        let user = self.docker_username.as_deref().unwrap_or_default();
        let password = self.docker_password.as_deref().unwrap_or_default();
        let both = STANDARD.encode(format!("{user}:{password}"));
        let mut login = json!({"username": user, "password": password, "auth": both});
        if let Some(email) = &self.docker_email {
            login["email"] = json!(email);
        }
        json!({"auths": {&self.docker_server: login}})
    }
}

fn secret(name: &str, kind: Option<&str>, data: Data) -> Value {
    let encoded: Map<String, Value> =
        data.into_iter().map(|(key, value)| (key, STANDARD.encode(value).into())).collect();
    let mut secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}});
    if let Some(kind) = kind {
        secret["type"] = json!(kind);
    }
    if !encoded.is_empty() {
        secret["data"] = Value::Object(encoded);
    }
    secret
}

fn bytes(path: &PathBuf) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|error| CliError::Read {
        path: path.clone(),
        cause: error.to_string(),
        hint: "name a file that is there".to_owned(),
    })
}
