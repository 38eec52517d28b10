//! `bowline create job` and `bowline create cronjob`.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::super::CliError;
use super::Common;

/// Make a Job
///
/// `bowline create job once --image=busybox:1.36 -- date`, `bowline create job now --from=cronjob/nightly`.
#[derive(Debug, Args)]
pub(super) struct JobArgs {
    #[command(flatten)]
    pub(super) common: Common,

    /// The image of its container
    #[arg(long, value_name = "IMAGE", required_unless_present = "from")]
    image: Option<String>,

    /// The stored CronJob whose Job this is, such as cronjob/nightly
    #[arg(long, value_name = "CRONJOB", conflicts_with_all = ["image", "command"])]
    from: Option<String>,

    /// The command to run instead of the image's own
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Make a CronJob
///
/// `bowline create cronjob nightly --image=busybox:1.36 --schedule="0 3 * * *" -- date`.
#[derive(Debug, Args)]
pub(super) struct CronJobArgs {
    #[command(flatten)]
    pub(super) common: Common,

    /// The image of its container
    #[arg(long, value_name = "IMAGE")]
    image: String,

    /// When it runs, in the form of cron
    #[arg(long, value_name = "SCHEDULE")]
    schedule: String,

    /// What happens to a container that fails
    #[arg(long, value_name = "POLICY", value_enum, default_value = "OnFailure")]
    restart: RestartPolicy,

    /// The command to run instead of the image's own
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RestartPolicy {
    /// It starts again
    #[value(name = "OnFailure")]
    OnFailure,
    /// Another pod takes its place
    #[value(name = "Never")]
    Never,
}

impl JobArgs {
    /// The Job; `stored` finds a CronJob by its name.
    pub(super) fn json(
        &self,
        stored: impl Fn(&str) -> Result<Value, CliError>,
    ) -> Result<Value, CliError> {
        let name = &self.common.name;
        let Some(from) = &self.from else {
            let image = self.image.as_deref().unwrap_or_default();
            let template = template(name, image, "Never", &self.command);
            return Ok(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
                "spec": {"template": template}}));
        };
        let Some(("cronjob" | "cronjobs" | "cj" | "cronjob.batch" | "cronjobs.batch", cron_job)) =
            from.split_once('/')
        else {
            return Err(CliError::Usage {
                problem: format!("`{from}` names no CronJob"),
                hint: "write --from=cronjob/NAME".to_owned(),
            });
        };
        let found = stored(cron_job)?;
        let template = &found["spec"]["jobTemplate"];
        let mut annotations = template["metadata"]["annotations"].clone();
        // Says, as kubectl does, that no schedule has made it.
        annotations["cronjob.kubernetes.io/instantiate"] = Value::from("manual");
        let mut metadata = json!({"name": name, "annotations": annotations});
        if let Some(labels) = template["metadata"].get("labels") {
            metadata["labels"].clone_from(labels);
        }
        Ok(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata,
            "spec": template["spec"]}))
    }
}

impl CronJobArgs {
    pub(super) fn json(&self) -> Value {
        let name = &self.common.name;
        let restart = match self.restart {
            RestartPolicy::OnFailure => "OnFailure",
            RestartPolicy::Never => "Never",
        };
        let template = template(name, &self.image, restart, &self.command);
        json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name},
            "spec": {"schedule": self.schedule, "jobTemplate": {"metadata": {"name": name},
                "spec": {"template": template}}}})
    }
}

fn template(name: &str, image: &str, restart: &str, command: &[String]) -> Value {
    let mut container = json!({"name": name, "image": image});
    if !command.is_empty() {
        container["command"] = json!(command);
    }
    json!({"spec": {"containers": [container], "restartPolicy": restart}})
}
