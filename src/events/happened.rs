//! From steps and how they ended to what happened to which object.

use super::{Happening, Reason, Severity, Trouble};
use crate::model::{NodeName, ObjectKey};
use crate::plan::{Action, Fault, PodToRun, PullPolicy, Start, Step};

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended<'a> {
    /// It was carried out.
    Done,
    /// It failed, for this reason.
    Failed(&'a Fault),
    /// It was not tried.
    NotTried,
}

/// What happened when these steps ended so.
pub fn happened(steps: &[Step], ends: &[Ended<'_>]) -> Vec<Happening> {
    let mut all = Vec::new();
    for (position, (step, end)) in steps.iter().zip(ends).enumerate() {
        let tell = |object, reason, message| told(step, *end, object, reason, message);
        match (&step.action, end) {
            (_, Ended::NotTried) => {}
            (Action::PullImage { image, policy, .. }, end) => {
                for pod in waiting_for(steps, position) {
                    let (reason, message) = pulled(image, *policy, *end);
                    let trouble = no_image(image, *end);
                    all.push(Happening { trouble, ..tell(pod.key.object(), reason, message) });
                }
            }
            (Action::CreatePod(pod), Ended::Done) => {
                let object = pod.key.object();
                let message = format!("Successfully assigned {} to {}", pod.key, step.node);
                all.push(tell(object.clone(), Reason::Scheduled, message));
                for container in &pod.containers {
                    let (word, reason) = match pod.start() {
                        Start::AtOnce => ("Started", Reason::Started),
                        Start::InOrder => ("Created", Reason::Created),
                    };
                    let message = format!("{word} container {}", container.name);
                    all.push(tell(object.clone(), reason, message));
                }
            }
            (Action::CreatePod(pod), Ended::Failed(why)) => {
                let told = tell(pod.key.object(), Reason::Failed, format!("Error: {why}"));
                all.push(Happening { trouble: no_container(why), ..told });
            }
            (Action::StartContainers { key, containers, .. }, Ended::Done) => {
                let message = format!("Started again: {}", containers.join(", "));
                all.push(tell(key.object(), Reason::Started, message));
            }
            (Action::BringUp { key, .. }, Ended::Done) => {
                let message = "Started again".to_owned();
                all.push(tell(key.object(), Reason::Started, message));
            }
            (
                Action::StartContainers { key, .. } | Action::BringUp { key, .. },
                Ended::Failed(why),
            ) => {
                all.push(tell(key.object(), Reason::Failed, format!("Error: {why}")));
            }
            (Action::UpdateVolumes(fill), Ended::Failed(why)) => {
                let message = format!("{}: {why}", step.title());
                all.push(tell(fill.key.object(), Reason::FailedMount, message));
            }
            (Action::DeletePod { key, .. }, Ended::Done) => {
                let message = format!("Stopped the pod on {}", step.node);
                all.push(tell(key.object(), Reason::Killing, message));
            }
            (Action::DeletePod { key, .. }, Ended::Failed(why)) => {
                let message = format!("error killing pod: {why}");
                all.push(tell(key.object(), Reason::FailedKillPod, message));
            }
            (
                Action::MakeVolume { .. }
                | Action::GrowVolume { .. }
                | Action::ReleaseVolume { .. },
                end,
            ) => {
                let told = of_volume(&step.action, *end);
                all.extend(told.map(|(object, reason, message)| tell(object, reason, message)));
            }
            (Action::ConfigureNetwork(_) | Action::ChangeRules(_), Ended::Failed(why)) => {
                let message = format!("{}: {why}", step.title());
                all.push(tell(of_node(&step.node), Reason::NetworkNotReady, message));
            }
            (
                Action::ConfigureNetwork(_)
                | Action::ChangeRules(_)
                | Action::UpdateVolumes(_)
                | Action::TakeOver
                | Action::LeaveHost,
                _,
            ) => {}
        }
    }
    all
}

/// What happened to a claim or a volume that outlives pods.
fn of_volume(action: &Action, end: Ended<'_>) -> Option<(ObjectKey, Reason, String)> {
    let (object, reason, message) = match (action, end) {
        (Action::MakeVolume { name, claim, .. }, Ended::Done) => {
            let message = format!("Successfully provisioned volume {name}");
            (claim.clone(), Reason::ProvisioningSucceeded, message)
        }
        (Action::MakeVolume { claim, .. }, Ended::Failed(why)) => {
            let message = format!("failed to provision volume: {why}");
            (claim.clone(), Reason::ProvisioningFailed, message)
        }
        (Action::GrowVolume { name, claim, .. }, Ended::Done) => {
            let message = format!("The file system of volume {name} has grown");
            (claim.clone(), Reason::FileSystemResizeSuccessful, message)
        }
        (Action::GrowVolume { claim, .. }, Ended::Failed(why)) => {
            (claim.clone(), Reason::VolumeResizeFailed, format!("failed to resize volume: {why}"))
        }
        (Action::ReleaseVolume { name, .. }, Ended::Failed(why)) => {
            let volume = ObjectKey::new("PersistentVolume", "", name);
            (volume, Reason::VolumeFailedDelete, format!("{why}"))
        }
        _ => return None,
    };
    Some((object, reason, message))
}

fn told(
    step: &Step,
    end: Ended<'_>,
    object: ObjectKey,
    reason: Reason,
    message: String,
) -> Happening {
    let severity = match end {
        Ended::Done | Ended::NotTried => Severity::Normal,
        Ended::Failed(_) => Severity::Warning,
    };
    Happening { object, node: step.node.clone(), severity, reason, message, trouble: None }
}

/// The pods that need a step.
fn waiting_for(steps: &[Step], position: usize) -> impl Iterator<Item = &PodToRun> {
    steps.iter().filter_map(move |step| match &step.action {
        Action::CreatePod(pod) if step.needs.iter().any(|need| need.0 == position) => Some(&**pod),
        _ => None,
    })
}

fn pulled(image: &str, policy: PullPolicy, end: Ended<'_>) -> (Reason, String) {
    match (end, policy) {
        (Ended::Failed(_), PullPolicy::Never) => {
            let what = format!("Container image \"{image}\" is not present");
            (Reason::ErrImageNeverPull, format!("{what} with pull policy of Never"))
        }
        (Ended::Failed(why), PullPolicy::Always | PullPolicy::IfNotPresent) => {
            (Reason::Failed, format!("Failed to pull image \"{image}\": {why}"))
        }
        (_, PullPolicy::Always) => {
            (Reason::Pulled, format!("Successfully pulled image \"{image}\""))
        }
        (_, PullPolicy::IfNotPresent | PullPolicy::Never) => {
            (Reason::Pulled, format!("Container image \"{image}\" is present on machine"))
        }
    }
}

fn no_image(image: &str, end: Ended<'_>) -> Option<Trouble> {
    match end {
        Ended::Failed(fault) => {
            Some(Trouble::Image { image: image.to_owned(), said: fault.said.clone() })
        }
        Ended::Done | Ended::NotTried => None,
    }
}

fn no_container(fault: &Fault) -> Option<Trouble> {
    let at = fault.at.clone()?;
    let said = fault.said.clone();
    Some(Trouble::Container { name: at.name, moment: at.moment, said })
}

fn of_node(node: &NodeName) -> ObjectKey {
    ObjectKey::new("Node", "", node.as_str())
}
