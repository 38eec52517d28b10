//! `bowline create deployment`, and the containers that workloads made from flags have.

use std::collections::BTreeSet;

use clap::Args;
use serde_json::{Value, json};

use super::super::CliError;
use super::Common;

/// Make a Deployment
///
/// `bowline create deployment web --image=nginx:1.27 --replicas=3 --port=80`.
#[derive(Debug, Args)]
pub(super) struct DeploymentArgs {
    #[command(flatten)]
    pub(super) common: Common,

    /// The image of a container; more of them make more containers
    #[arg(long, value_name = "IMAGE", required = true)]
    image: Vec<String>,

    /// How many pods there should be
    #[arg(short, long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(i32).range(0..))]
    replicas: i32,

    /// The port that the first container listens at
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,

    /// The command to run instead of the image's own
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

impl DeploymentArgs {
    pub(super) fn json(&self) -> Result<Value, CliError> {
        if self.image.len() > 1 && !self.command.is_empty() {
            return Err(CliError::Usage {
                problem: "a command is for one container, and there are more images".to_owned(),
                hint: "leave the command out, or name one --image".to_owned(),
            });
        }
        let mut containers = containers(&self.image);
        // As kubectl has it: the port is the first one's.
        if let (Some(port), Some(first)) = (self.port, containers.first_mut()) {
            first["ports"] = json!([{"containerPort": port}]);
        }
        for container in &mut containers {
            if !self.command.is_empty() {
                container["command"] = json!(self.command);
            }
        }
        let (name, labels) = (&self.common.name, json!({"app": self.common.name}));
        Ok(json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "labels": labels},
            "spec": {
                "replicas": self.replicas,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
            },
        }))
    }
}

/// A container for each image, called as the image is.
fn containers(images: &[String]) -> Vec<Value> {
    let mut taken = BTreeSet::new();
    let container = |image: &String| {
        let base = name_of(image);
        let numbered = (2..).map(|n| format!("{base}-{n}"));
        let mut names = std::iter::once(base.clone()).chain(numbered);
        let name = names.find(|name| taken.insert(name.clone())).unwrap_or(base);
        json!({"name": name, "image": image})
    };
    images.iter().map(container).collect()
}

/// The last part of an image's name as a container may be called.
fn name_of(image: &str) -> String {
    let last = image.split('@').next().unwrap_or(image).rsplit('/').next().unwrap_or(image);
    let last = last.split(':').next().unwrap_or(last);
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    last.chars().map(letter).collect::<String>().trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_called_as_their_images_are() {
        let images = ["nginx", "localhost:5000/a/Nginx:1.27", "x/my_app@sha256:00"];
        let made = containers(&images.map(str::to_owned));
        let names: Vec<&str> = made.iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["nginx", "nginx-2", "my-app"]);
    }
}
