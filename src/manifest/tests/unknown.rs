//! Kinds that are not read, and files that are no manifests.

use insta::assert_snapshot;

use super::*;

const KINDS: [&str; 12] = [
    "apiVersion: networking.istio.io/v1alpha3\nkind: VirtualService",
    "apiVersion: serving.knative.dev/v1\nkind: Service",
    "apiVersion: v1\nkind: Node",
    "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy",
    "apiVersion: authentication.k8s.io/v1\nkind: TokenReview",
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization",
    "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster",
    "apiVersion: v1\nkind: Config",
    "apiVersion: apps/v1\nkind: Banana",
    "apiVersion: apps/v1\nkind: Deploiment",
    "apiVersion: v1\nkind: Deployment",
    "apiVersion: extensions/v1\nkind: Ingress",
];

fn said(unknown: UnknownKinds) -> String {
    let options = ReadOptions { unknown, ..ReadOptions::default() };
    let line = |kind: &&str| {
        let text = format!("{kind}\nmetadata: {{name: a}}\n");
        let reading = read(&[Source::new("x.yaml", text)], &options);
        assert!(reading.objects.is_empty());
        let finding = &reading.findings[0];
        let help = finding.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}: {finding}{help}\n", finding.severity)
    };
    KINDS.iter().map(line).collect()
}

#[test]
fn each_is_refused_with_a_word_on_where_it_belongs() {
    assert_snapshot!(said(UnknownKinds::Refuse), @r"
        error: VirtualService of networking.istio.io/v1alpha3 is not a kind that is read (it belongs to another program; to leave such objects out, add --skip-unknown-kinds)
        error: Service of serving.knative.dev/v1 is not a kind that is read (it belongs to another program; to leave such objects out, add --skip-unknown-kinds)
        error: Node of v1 is not a kind that is read (hosts stand in the inventory, with their labels and taints: write them there; to leave such objects out, add --skip-unknown-kinds)
        error: PodSecurityPolicy of policy/v1beta1 is not a kind that is read (Kubernetes itself removed it in 1.25; to leave such objects out, add --skip-unknown-kinds)
        error: TokenReview of authentication.k8s.io/v1 is not a kind that is read (it is a question to an API server, not an object to keep; there is no API server here; to leave such objects out, add --skip-unknown-kinds)
        error: Kustomization of kustomize.config.k8s.io/v1beta1 is not a kind that is read (it tells kustomize what to make of other files: apply its directory with -k; to leave such objects out, add --skip-unknown-kinds)
        error: Cluster of kind.x-k8s.io/v1alpha4 is not a kind that is read (it describes a cluster to be made; here, hosts stand in the inventory; to leave such objects out, add --skip-unknown-kinds)
        error: Config of v1 is not a kind that is read (it tells kubectl how to reach a cluster; to leave such objects out, add --skip-unknown-kinds)
        error: Banana of apps/v1 is not a kind that is read (the kinds that are read are Pod, Service, Deployment, ConfigMap, Namespace, ReplicaSet, ReplicationController, StatefulSet, DaemonSet, Job, CronJob, Endpoints, EndpointSlice, Ingress, IngressClass, Secret, PersistentVolume, PersistentVolumeClaim, StorageClass, NetworkPolicy, HorizontalPodAutoscaler, PodDisruptionBudget, PriorityClass, ResourceQuota, LimitRange, ServiceAccount, RuntimeClass, Event; to leave such objects out, add --skip-unknown-kinds)
        error: Deploiment of apps/v1 is not a kind that is read (did you mean `Deployment`?)
        error: Deployment of v1 is not a kind that is read (Deployment is read as `apiVersion: apps/v1`)
        error: Ingress of extensions/v1 is not a kind that is read (Ingress is read as `apiVersion: networking.k8s.io/v1`)
        ");
}

#[test]
fn each_is_left_out_when_that_is_asked_for_but_for_slips_of_the_pen() {
    assert_snapshot!(said(UnknownKinds::Skip), @r"
        notice: VirtualService of networking.istio.io/v1alpha3 is left out: it belongs to another program
        notice: Service of serving.knative.dev/v1 is left out: it belongs to another program
        notice: Node of v1 is left out: hosts stand in the inventory, with their labels and taints: write them there
        notice: PodSecurityPolicy of policy/v1beta1 is left out: Kubernetes itself removed it in 1.25
        notice: TokenReview of authentication.k8s.io/v1 is left out: it is a question to an API server, not an object to keep; there is no API server here
        notice: Kustomization of kustomize.config.k8s.io/v1beta1 is left out: it tells kustomize what to make of other files: apply its directory with -k
        notice: Cluster of kind.x-k8s.io/v1alpha4 is left out: it describes a cluster to be made; here, hosts stand in the inventory
        notice: Config of v1 is left out: it tells kubectl how to reach a cluster
        notice: Banana of apps/v1 is left out
        error: Deploiment of apps/v1 is not a kind that is read (did you mean `Deployment`?)
        error: Deployment of v1 is not a kind that is read (Deployment is read as `apiVersion: apps/v1`)
        error: Ingress of extensions/v1 is not a kind that is read (Ingress is read as `apiVersion: networking.k8s.io/v1`)
        ");
}

#[test]
fn files_that_say_what_they_are_by_their_name() {
    let said = |name: &str, unknown: UnknownKinds| {
        let options = ReadOptions { unknown, ..ReadOptions::default() };
        let reading = read(&[Source::new(name, "resources: [a.yaml]\n")], &options);
        let line = |finding: &Finding| format!("{}: {finding}", finding.severity);
        reading.findings.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(said("web/kustomization.yaml", UnknownKinds::Refuse), @"error: a kustomization is no manifest: apply its directory with -k");
    assert_snapshot!(said("web/kustomization.yaml", UnknownKinds::Skip), @"notice: left out: a kustomization is no manifest: apply its directory with -k");
    assert_snapshot!(said("Chart.yaml", UnknownKinds::Refuse), @"error: this is a part of a helm chart: `helm template` makes manifests of it");
    assert_snapshot!(said("compose.yaml", UnknownKinds::Refuse), @"error: this is a file of docker compose: `kompose convert` makes manifests of it");
    assert_snapshot!(said("other.yaml", UnknownKinds::Skip), @"
        error: `apiVersion` is required
        error: `kind` is required
        ");
}
