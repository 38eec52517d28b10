//! Each rule of the kinds with a template of pods, broken once.

use super::*;

const TEMPLATE: &str = "  selector: {matchLabels: {app: a}}\n  template:\n    metadata: {labels: {app: a}}\n    spec:\n      containers: [{name: c, image: i}]\n";

fn of(version: &str, kind: &str, spec: &str) -> String {
    let mut text = format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec:\n");
    for line in spec.lines() {
        text.extend(["  ", line, "\n"]);
    }
    text
}

/// An object of `apps/v1` with these lines and a template.
fn app(kind: &str, spec: &str) -> String {
    of("apps/v1", kind, spec) + TEMPLATE
}

/// A Job with these lines and a template.
fn job(spec: &str) -> String {
    let pods = "  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: c, image: i}]\n";
    of("batch/v1", "Job", spec) + pods
}

fn cron(spec: &str) -> String {
    let pods = "  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          containers: [{name: c, image: i}]\n";
    of("batch/v1", "CronJob", spec) + pods
}

fn assert_each(make: impl Fn(&str) -> String, cases: &[(&str, &str)]) {
    let cases: Vec<_> =
        cases.iter().map(|(spec, expected)| (*spec, make(spec), *expected)).collect();
    assert_faults(&cases);
}

#[test]
fn sets() {
    assert_each(
        |spec| app("ReplicaSet", spec),
        &[
            ("", ""),
            ("replicas: -1", "5:13 out-of-range: spec.replicas: must be 0 or more"),
            ("minReadySeconds: -1", "5:20 out-of-range: spec.minReadySeconds: must be 0 or more"),
        ],
    );
    assert_each(
        |spec| app("DaemonSet", spec),
        &[
            ("", ""),
            (
                "updateStrategy: {type: Recreate}",
                "5:26 invalid-value: spec.updateStrategy.type: `Recreate` is none of RollingUpdate, OnDelete",
            ),
            (
                "updateStrategy: {rollingUpdate: {maxSurge: 1}}",
                "5:46 invalid-value: spec.updateStrategy.rollingUpdate.maxSurge: is allowed only where maxUnavailable is 0 (write `maxUnavailable: 0` beside it: when nothing is said it is 1)",
            ),
            ("updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}", ""),
            (
                "updateStrategy: {rollingUpdate: {maxUnavailable: 0}}",
                "5:52 out-of-range: spec.updateStrategy.rollingUpdate.maxUnavailable: must not be 0 when maxSurge is 0 (let one of them be 1 or more: with both 0 nothing could ever be replaced)",
            ),
            (
                "updateStrategy: {rollingUpdate: {maxUnavailable: 120%}}",
                "5:52 out-of-range: spec.updateStrategy.rollingUpdate.maxUnavailable: must not be more than 100%",
            ),
            (
                "updateStrategy: {rollingUpdate: {maxUnavailable: half}}",
                "5:52 invalid-value: spec.updateStrategy.rollingUpdate.maxUnavailable: must be a number from 0 or a percentage such as 25%",
            ),
        ],
    );
    assert_faults(&[
        ("ends", app("DaemonSet", "").replace("spec:\n      containers", "spec:\n      restartPolicy: OnFailure\n      activeDeadlineSeconds: 5\n      containers"), "9:22 invalid-value: spec.template.spec.restartPolicy: the pods of a DaemonSet restart `Always` (write `restartPolicy: Always`)\n10:30 forbidden: spec.template.spec.activeDeadlineSeconds: the pods of a DaemonSet have no deadline (leave it out)"),
        ("no selector", app("ReplicaSet", "").replace("  selector: {matchLabels: {app: a}}\n", ""), "4:1 required: spec.selector: is required (write `selector: {matchLabels: {app: a}}`)"),
        ("other selector", app("ReplicaSet", "").replace("matchLabels: {app: a}", "matchExpressions: [{key: app, operator: In, values: [b]}]"), "5:14 selector-mismatch: spec.selector: does not select the pods of its own template (repeat the labels of the selector in spec.template.metadata.labels)"),
        ("bad selector", app("ReplicaSet", "").replace("matchLabels: {app: a}", "matchExpressions: [{key: app, operator: Is}]"), "5:54 invalid-value: spec.selector.matchExpressions[0].operator: `Is` is none of In, NotIn, Exists, DoesNotExist (did you mean `In`?)"),
        ("controller", of("v1", "ReplicationController", "selector: {app: b}\ntemplate:\n  metadata: {labels: {app: a}}\n  spec: {containers: [{name: c, image: i}]}"), "5:14 selector-mismatch: spec.selector: does not select the pods of its own template (repeat the labels of the selector in spec.template.metadata.labels)"),
        ("controller without", of("v1", "ReplicationController", "template:\n  metadata: {labels: {app: a}}\n  spec: {containers: [{name: c, image: i}]}"), ""),
        ("controller without labels", of("v1", "ReplicationController", "template:\n  spec: {containers: [{name: c, image: i}]}"), "4:1 required: spec.selector: is required"),
    ]);
}

#[test]
fn stateful_sets() {
    let claim = |spec: &str| {
        format!("volumeClaimTemplates:\n- metadata: {{name: data}}\n  spec: {{{spec}}}")
    };
    assert_each(
        |spec| app("StatefulSet", spec),
        &[
            (
                "serviceName: a.b",
                "5:16 invalid-name: spec.serviceName: `a.b` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit",
            ),
            (
                "podManagementPolicy: Any",
                "5:24 invalid-value: spec.podManagementPolicy: `Any` is none of OrderedReady, Parallel",
            ),
            (
                "updateStrategy: {type: OnDelete, rollingUpdate: {partition: 1}}",
                "5:52 invalid-value: spec.updateStrategy.rollingUpdate: is not allowed with `type: OnDelete`",
            ),
            (
                "updateStrategy: {rollingUpdate: {partition: -1, maxUnavailable: 0}}",
                "5:47 out-of-range: spec.updateStrategy.rollingUpdate.partition: must be 0 or more\n5:67 out-of-range: spec.updateStrategy.rollingUpdate.maxUnavailable: must not be 0 (let it be 1 or more: with 0 nothing could ever be replaced)",
            ),
            (
                "persistentVolumeClaimRetentionPolicy: {whenDeleted: Keep}",
                "5:55 invalid-value: spec.persistentVolumeClaimRetentionPolicy.whenDeleted: `Keep` is none of Retain, Delete",
            ),
            ("ordinals: {start: -1}", "5:21 out-of-range: spec.ordinals.start: must be 0 or more"),
            (
                &claim("accessModes: [ReadWriteOnce]"),
                "7:5 required: spec.volumeClaimTemplates[0].spec.resources.requests.storage: is required (write for instance `resources: {requests: {storage: 1Gi}}`)",
            ),
            (
                &claim("resources: {requests: {storage: 1Gi}}"),
                "7:5 required: spec.volumeClaimTemplates[0].spec.accessModes: is required (write for instance `accessModes: [ReadWriteOnce]`)",
            ),
            (
                &claim(
                    "accessModes: [ReadWriteOncePod, ReadWriteMany], volumeMode: File, resources: {requests: {storage: 1Gi}}",
                ),
                "7:26 invalid-value: spec.volumeClaimTemplates[0].spec.accessModes: ReadWriteOncePod allows no other mode beside it\n7:72 invalid-value: spec.volumeClaimTemplates[0].spec.volumeMode: `File` is none of Filesystem, Block",
            ),
            (
                &claim(
                    "accessModes: [ReadWriteOnce], dataSource: {kind: Snapshot, name: s}, resources: {requests: {storage: 1Gi}}",
                ),
                "7:61 invalid-value: spec.volumeClaimTemplates[0].spec.dataSource.kind: must be PersistentVolumeClaim where no apiGroup is named",
            ),
            (
                "volumeClaimTemplates:\n- metadata: {name: A}\n  spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
                "6:22 invalid-name: spec.volumeClaimTemplates[0].metadata.name: `A` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit",
            ),
        ],
    );
    let mounted = |name: &str| {
        let template = TEMPLATE.replace(
            "image: i}",
            &format!("image: i, volumeMounts: [{{name: {name}, mountPath: /d}}]}}"),
        );
        of(
            "apps/v1",
            "StatefulSet",
            &claim("accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}"),
        ) + &template
    };
    assert_faults(&[
        ("mounted", mounted("data"), ""),
        (
            "mounted otherwise",
            mounted("date"),
            "12:62 unknown-volume: spec.template.spec.containers[0].volumeMounts[0].name: there is no volume `date` (did you mean `data`?)",
        ),
        (
            "name",
            app("StatefulSet", "").replace("{name: a}", "{name: a.b}"),
            "3:18 invalid-name: metadata.name: `a.b` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit",
        ),
    ]);
}

#[test]
fn jobs() {
    assert_each(
        job,
        &[
            ("", ""),
            (
                "completions: -1\nparallelism: -1\nbackoffLimit: -1\nttlSecondsAfterFinished: -1",
                "5:16 out-of-range: spec.completions: must be 0 or more\n6:16 out-of-range: spec.parallelism: must be 0 or more\n7:17 out-of-range: spec.backoffLimit: must be 0 or more\n8:28 out-of-range: spec.ttlSecondsAfterFinished: must be 0 or more",
            ),
            ("completionMode: Indexed", ""),
            (
                "completionMode: Indexed\ncompletions: 1\nparallelism: 100001",
                "7:16 out-of-range: spec.parallelism: must not be more than 100000",
            ),
            (
                "completionMode: Indexed\ncompletions: 5\nmaxFailedIndexes: 6\nbackoffLimitPerIndex: 1",
                "7:21 out-of-range: spec.maxFailedIndexes: must not be more than 5",
            ),
            (
                "completionMode: Indexed\ncompletions: 5\nmaxFailedIndexes: 5",
                "4:1 required: spec.backoffLimitPerIndex: is required where maxFailedIndexes is said",
            ),
            (
                "completionMode: Indexed\ncompletions: 100001\nbackoffLimitPerIndex: 1",
                "4:1 required: spec.maxFailedIndexes: is required where completions are more than 100000",
            ),
            (
                "backoffLimitPerIndex: 1\nsuccessPolicy: {rules: [{succeededCount: 1}]}",
                "5:25 invalid-value: spec.backoffLimitPerIndex: is allowed only with `completionMode: Indexed`\n6:19 invalid-value: spec.successPolicy: is allowed only with `completionMode: Indexed`",
            ),
            (
                "completionMode: Each",
                "5:19 invalid-value: spec.completionMode: `Each` is none of NonIndexed, Indexed",
            ),
            (
                "managedBy: me",
                "5:14 invalid-name: spec.managedBy: `me` needs a domain before a `/`, as in example.com/x",
            ),
            (
                "selector: {matchLabels: {a: b}}",
                "5:14 invalid-value: spec.selector: is made for each Job when it is created (leave it out, or say `manualSelector: true`)",
            ),
            ("manualSelector: true", "4:1 required: spec.selector: is required"),
            (
                "podReplacementPolicy: TerminatingOrFailed\npodFailurePolicy: {rules: []}",
                "5:25 invalid-value: spec.podReplacementPolicy: must be Failed where there is a podFailurePolicy",
            ),
            (
                "podFailurePolicy: {rules: [{action: FailJob}]}",
                "5:31 required: spec.podFailurePolicy.rules[0]: must have one of onExitCodes and onPodConditions",
            ),
            (
                "podFailurePolicy: {rules: [{action: Fail, onExitCodes: {operator: In, values: [0, 0]}}]}",
                "5:39 invalid-value: spec.podFailurePolicy.rules[0].action: `Fail` is none of Count, FailIndex, FailJob, Ignore\n5:82 invalid-value: spec.podFailurePolicy.rules[0].onExitCodes.values[0]: 0 is success: it cannot be a failure with `operator: In`\n5:85 invalid-value: spec.podFailurePolicy.rules[0].onExitCodes.values[1]: 0 is success: it cannot be a failure with `operator: In`\n5:85 duplicate-name: spec.podFailurePolicy.rules[0].onExitCodes.values[1]: the exit code 0 is there twice",
            ),
            (
                "podFailurePolicy: {rules: [{action: FailIndex, onExitCodes: {operator: NotIn, containerName: x, values: [2, 1]}}]}",
                "5:39 invalid-value: spec.podFailurePolicy.rules[0].action: `FailIndex` is allowed only with a backoffLimitPerIndex\n5:96 unknown-container: spec.podFailurePolicy.rules[0].onExitCodes.containerName: there is no container `x`\n5:108 invalid-value: spec.podFailurePolicy.rules[0].onExitCodes.values: must be in ascending order",
            ),
            (
                "podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget, status: Maybe}]}]}",
                "5:98 invalid-value: spec.podFailurePolicy.rules[0].onPodConditions[0].status: `Maybe` is none of True, False, Unknown",
            ),
            (
                "completionMode: Indexed\ncompletions: 3\nsuccessPolicy: {rules: []}",
                "7:26 required: spec.successPolicy.rules: is required",
            ),
            (
                "completionMode: Indexed\ncompletions: 3\nsuccessPolicy: {rules: [{}, {succeededIndexes: 0-5}, {succeededIndexes: '0,1', succeededCount: 3}]}",
                "7:27 required: spec.successPolicy.rules[0]: must have a succeededCount or succeededIndexes, or both\n7:50 invalid-value: spec.successPolicy.rules[1].succeededIndexes: 5 is no index: they are below the 3 completions\n7:98 out-of-range: spec.successPolicy.rules[2].succeededCount: must not be more than the 2 indexes that there are",
            ),
        ],
    );
}

#[test]
fn the_pods_of_jobs() {
    let labels = |labels: &str| {
        job("").replace("template:\n", &format!("template:\n    metadata: {{labels: {labels}}}\n"))
    };
    assert_faults(&[
        (
            "no restart policy",
            job("").replace("      restartPolicy: Never\n", ""),
            "6:5 required: spec.template.spec.restartPolicy: the pods of a Job come to an end: `Always`, the default, is not allowed (write `restartPolicy: Never` or `restartPolicy: OnFailure`)",
        ),
        (
            "always",
            job("").replace("Never", "Always"),
            "7:22 invalid-value: spec.template.spec.restartPolicy: the pods of a Job come to an end: `Always`, the default, is not allowed (write `restartPolicy: Never` or `restartPolicy: OnFailure`)",
        ),
        (
            "counted",
            job("podFailurePolicy: {rules: []}").replace("Never", "OnFailure"),
            "8:22 invalid-value: spec.template.spec.restartPolicy: must be `Never` where there is a podFailurePolicy (write `restartPolicy: Never`)",
        ),
        (
            "exported",
            labels("{controller-uid: x, job-name: b}"),
            "6:41 invalid-label: spec.template.metadata.labels.controller-uid: is the uid of another Job (leave it out: it is set when the Job is made)\n6:54 invalid-label: spec.template.metadata.labels.job-name: must be the Job's own name, `a` (leave it out: it is set when the Job is made)",
        ),
        ("its own", labels("{job-name: a}"), ""),
        (
            "long",
            job("completionMode: Indexed\ncompletions: 10")
                .replace("{name: a}", &format!("{{name: {}}}", "a".repeat(62))),
            "3:18 invalid-name: metadata.name: makes the host `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-9`, which is too long a name: at most 63 characters are allowed",
        ),
    ]);
}

#[test]
fn cron_jobs() {
    assert_each(
        cron,
        &[
            ("schedule: '@daily'", ""),
            (
                "schedule: '* * * *'",
                "5:13 invalid-schedule: spec.schedule: has 4 fields; five are needed (for instance `30 4 * * *` for every day at half past four)",
            ),
            (
                "schedule: '* * * * 7'",
                "5:13 invalid-schedule: spec.schedule: 7 is out of range: the day of the week is from 0 to 6 (Sunday is 0)",
            ),
            (
                "schedule: 'TZ=Europe/Rome 0 4 * * *'",
                "5:13 invalid-schedule: spec.schedule: a time zone has no place in a schedule (write `schedule: \"0 4 * * *\"` and `timeZone: Europe/Rome`)",
            ),
            (
                "schedule: 'CRON_TZ=UTC @daily'",
                "5:13 invalid-schedule: spec.schedule: a time zone has no place in a schedule (write `schedule: \"@daily\"` and `timeZone: UTC`)",
            ),
            ("schedule: ''", "5:13 required: spec.schedule: is required"),
            (
                "concurrencyPolicy: Never",
                "4:1 required: spec.schedule: is required\n5:22 invalid-value: spec.concurrencyPolicy: `Never` is none of Allow, Forbid, Replace",
            ),
            ("schedule: '@daily'\ntimeZone: Europe/Rome", ""),
            ("schedule: '@daily'\ntimeZone: Etc/UTC", ""),
            (
                "schedule: '@daily'\ntimeZone: europe/rome",
                "6:13 invalid-time-zone: spec.timeZone: `europe/rome` is not a time zone (did you mean `Europe/Rome`?)",
            ),
            (
                "schedule: '@daily'\ntimeZone: Europe/Roma",
                "6:13 invalid-time-zone: spec.timeZone: `Europe/Roma` is not a time zone (did you mean `Europe/Rome`?)",
            ),
            (
                "schedule: '@daily'\ntimeZone: CEST",
                "6:13 invalid-time-zone: spec.timeZone: `CEST` is not a time zone (did you mean `CET`?)",
            ),
            (
                "schedule: '@daily'\ntimeZone: Local",
                "6:13 invalid-time-zone: spec.timeZone: must be the name of a time zone, such as Europe/Rome",
            ),
            (
                "schedule: '@daily'\ntimeZone: ''",
                "6:13 invalid-time-zone: spec.timeZone: must be the name of a time zone, such as Europe/Rome",
            ),
            (
                "schedule: '@daily'\nconcurrencyPolicy: Never\nstartingDeadlineSeconds: -1\nfailedJobsHistoryLimit: -1",
                "6:22 invalid-value: spec.concurrencyPolicy: `Never` is none of Allow, Forbid, Replace\n7:28 out-of-range: spec.startingDeadlineSeconds: must be 0 or more\n8:27 out-of-range: spec.failedJobsHistoryLimit: must be 0 or more",
            ),
        ],
    );
    assert_faults(&[
        (
            "long",
            cron("schedule: '@daily'")
                .replace("{name: a}", &format!("{{name: {}}}", "a".repeat(53))),
            "3:18 invalid-name: metadata.name: is too long a name: at most 52 characters are allowed",
        ),
        (
            "selected",
            cron("schedule: '@daily'").replace(
                "    spec:\n      template",
                "    spec:\n      manualSelector: true\n      selector: {}\n      template",
            ),
            "8:23 forbidden: spec.jobTemplate.spec.manualSelector: a CronJob's Jobs get selectors of their own (leave it out)\n9:17 forbidden: spec.jobTemplate.spec.selector: is made for each Job when it is created (leave it out)",
        ),
        (
            "always",
            cron("schedule: '@daily'").replace("Never", "Always"),
            "10:26 invalid-value: spec.jobTemplate.spec.template.spec.restartPolicy: the pods of a Job come to an end: `Always`, the default, is not allowed (write `restartPolicy: Never` or `restartPolicy: OnFailure`)",
        ),
    ]);
}
