//! Each rule of what is around a pod's containers, broken once: privileges, places, names.

use super::pods::{assert_containers, assert_pods, pod};
use super::*;

#[test]
fn privileges() {
    assert_containers(&[
        (
            "securityContext: {runAsUser: -1}",
            "8:34 out-of-range: spec.containers[0].securityContext.runAsUser: must be a number from 0 to 2147483647",
        ),
        (
            "securityContext: {procMount: Unmasked}",
            "8:34 invalid-value: spec.containers[0].securityContext.procMount: `Unmasked` is allowed only with the pod's `hostUsers: false`",
        ),
        (
            "securityContext: {procMount: None}",
            "8:34 invalid-value: spec.containers[0].securityContext.procMount: `None` is none of Default, Unmasked",
        ),
        (
            "securityContext: {privileged: true, allowPrivilegeEscalation: false}",
            "8:67 invalid-value: spec.containers[0].securityContext.allowPrivilegeEscalation: cannot be false beside `privileged: true`",
        ),
        (
            "securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}}",
            "8:49 invalid-value: spec.containers[0].securityContext.allowPrivilegeEscalation: cannot be false where the capability CAP_SYS_ADMIN is added",
        ),
        (
            "securityContext: {seccompProfile: {type: Localhost}}",
            "8:23 required: spec.containers[0].securityContext.seccompProfile.localhostProfile: is required",
        ),
        (
            "securityContext: {seccompProfile: {type: RuntimeDefault, localhostProfile: a}}",
            "8:80 invalid-value: spec.containers[0].securityContext.seccompProfile.localhostProfile: is allowed only with `type: Localhost`",
        ),
        (
            "securityContext: {seccompProfile: {type: Localhost, localhostProfile: /a}}",
            "8:75 invalid-value: spec.containers[0].securityContext.seccompProfile.localhostProfile: must be relative, without `..`",
        ),
        (
            "securityContext: {appArmorProfile: {type: Default}}",
            "8:47 invalid-value: spec.containers[0].securityContext.appArmorProfile.type: `Default` is none of RuntimeDefault, Unconfined, Localhost",
        ),
        (
            "securityContext: {appArmorProfile: {type: Localhost, localhostProfile: ' a'}}",
            "8:76 invalid-value: spec.containers[0].securityContext.appArmorProfile.localhostProfile: must not begin or end with white space",
        ),
        (
            "securityContext: {windowsOptions: {runAsUserName: 'a\\b\\c'}}",
            "8:55 invalid-name: spec.containers[0].securityContext.windowsOptions.runAsUserName: `a\\b\\c` is not the name of a Windows user",
        ),
        (
            "securityContext: {windowsOptions: {hostProcess: true}}",
            "4:1 invalid-value: spec.hostNetwork: must be true where `hostProcess` is",
        ),
    ]);
}

#[test]
fn privileges_of_a_pod() {
    assert_pods(&[
        (
            "securityContext: {fsGroup: 3000000000}",
            "",
            "8:30 out-of-range: spec.securityContext.fsGroup: must be a number from 0 to 2147483647",
        ),
        (
            "securityContext: {fsGroupChangePolicy: Never, supplementalGroups: [-1]}",
            "",
            "8:42 invalid-value: spec.securityContext.fsGroupChangePolicy: `Never` is none of OnRootMismatch, Always\n8:70 out-of-range: spec.securityContext.supplementalGroups[0]: must be a number from 0 to 2147483647",
        ),
        (
            "securityContext: {sysctls: [{name: net..x, value: a}]}",
            "",
            "8:38 invalid-name: spec.securityContext.sysctls[0].name: `net..x` is not the name of a kernel setting",
        ),
        (
            "securityContext: {sysctls: [{name: kernel.sem, value: a}, {name: kernel.sem, value: b}]}",
            "",
            "8:68 duplicate-name: spec.securityContext.sysctls[1].name: the setting `kernel.sem` is there twice",
        ),
        (
            "hostNetwork: true\nsecurityContext: {sysctls: [{name: net.core.somaxconn, value: a}]}",
            "",
            "9:38 invalid-value: spec.securityContext.sysctls[0].name: is the host's own with `hostNetwork: true`",
        ),
        (
            "hostIPC: true\nsecurityContext: {sysctls: [{name: kernel/shmmax, value: a}]}",
            "",
            "9:38 invalid-value: spec.securityContext.sysctls[0].name: is the host's own with `hostIPC: true`",
        ),
        (
            "hostPID: true\nshareProcessNamespace: true",
            "",
            "9:26 invalid-value: spec.shareProcessNamespace: cannot be true beside `hostPID: true`",
        ),
        (
            "hostNetwork: true\nhostUsers: false",
            "",
            "8:16 forbidden: spec.hostNetwork: cannot be true with `hostUsers: false` (leave it out)",
        ),
        (
            "os: {name: linux}\nsecurityContext: {windowsOptions: {}}",
            "",
            "9:37 forbidden: spec.securityContext.windowsOptions: has no place in a pod of Linux (leave it out)",
        ),
        (
            "os: {name: windows}\nsecurityContext: {runAsUser: 1}",
            "securityContext: {privileged: false}",
            "8:35 forbidden: spec.containers[0].securityContext.privileged: has no place in a pod of Windows (leave it out)\n10:32 forbidden: spec.securityContext.runAsUser: has no place in a pod of Windows (leave it out)",
        ),
        (
            "os: {name: plan9}",
            "",
            "8:14 invalid-value: spec.os.name: `plan9` is none of linux, windows",
        ),
    ]);
}

#[test]
fn places() {
    assert_pods(&[
        (
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}",
            "",
            "8:97 required: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: is required",
        ),
        (
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: in, values: [b]}]}]}}}",
            "",
            "8:137 invalid-value: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: `in` is none of In, NotIn, Exists, DoesNotExist, Gt, Lt (did you mean `In`?)",
        ),
        (
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In}, {key: a, operator: Exists, values: [b]}, {key: a, operator: Gt, values: ['1', '2']}]}]}}}",
            "",
            "8:119 required: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: are required with `operator: In`\n8:178 forbidden: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[1].values: have no place with `operator: Exists` (leave it out)\n8:215 invalid-value: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[2].values: must be a single one with `operator: Gt`",
        ),
        (
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: metadata.uid, operator: In, values: [a]}]}]}}}",
            "",
            "8:119 invalid-value: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].key: `metadata.uid` is none of metadata.name (did you mean `metadata.name`?)",
        ),
        (
            "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, preference: {matchExpressions: [{key: a, operator: In, values: ['?']}]}}]}}",
            "",
            "8:88 out-of-range: spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: must be a number from 1 to 100",
        ),
        (
            "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {a: b}}}]}}",
            "",
            "8:78 required: spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: is required",
        ),
        (
            "affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, podAffinityTerm: {topologyKey: a b, namespaces: [A]}}]}}",
            "",
            "8:91 out-of-range: spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: must be a number from 1 to 100\n8:125 invalid-label: spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: `a b` is not a valid key: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit\n8:143 invalid-name: spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.namespaces[0]: `A` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit",
        ),
        (
            "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, matchLabelKeys: [x], mismatchLabelKeys: [x], labelSelector: {}}]}}",
            "",
            "8:115 invalid-value: spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys[0]: `x` is also one of mismatchLabelKeys",
        ),
        (
            "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, matchLabelKeys: [x]}]}}",
            "",
            "8:115 forbidden: spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys: have no place without a labelSelector (leave it out)",
        ),
        (
            "tolerations: [{key: a, operator: Exist}]",
            "",
            "8:36 invalid-value: spec.tolerations[0].operator: `Exist` is none of Exists, Equal, Lt, Gt (did you mean `Exists`?)",
        ),
        (
            "tolerations: [{key: a, value: 'b c'}]",
            "",
            "8:33 invalid-label: spec.tolerations[0].value: `b c` is not a valid label value: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit",
        ),
        (
            "topologySpreadConstraints: [{maxSkew: 0, topologyKey: '', whenUnsatisfiable: Never}]",
            "",
            "8:41 out-of-range: spec.topologySpreadConstraints[0].maxSkew: must be 1 or more\n8:57 required: spec.topologySpreadConstraints[0].topologyKey: is required\n8:80 invalid-value: spec.topologySpreadConstraints[0].whenUnsatisfiable: `Never` is none of DoNotSchedule, ScheduleAnyway",
        ),
        (
            "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway, minDomains: 1, nodeTaintsPolicy: Honour}]",
            "",
            "8:107 invalid-value: spec.topologySpreadConstraints[0].minDomains: is allowed only with `whenUnsatisfiable: DoNotSchedule`\n8:128 invalid-value: spec.topologySpreadConstraints[0].nodeTaintsPolicy: `Honour` is none of Honor, Ignore (did you mean `Honor`?)",
        ),
        (
            "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}, {maxSkew: 2, topologyKey: a, whenUnsatisfiable: DoNotSchedule}]",
            "",
            "8:96 duplicate-name: spec.topologySpreadConstraints[1]: this topologyKey with this whenUnsatisfiable is there twice",
        ),
        (
            "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {x: z}}, matchLabelKeys: [x]}]",
            "",
            "8:149 invalid-value: spec.topologySpreadConstraints[0].matchLabelKeys[0]: `x` is also a key of the labelSelector",
        ),
        (
            "nodeSelector: {a b: c}",
            "",
            "8:18 invalid-label: spec.nodeSelector[a b]: `a b` is not a valid key: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit",
        ),
        (
            "schedulingGates: [{name: a}, {name: a}]\nnodeName: b",
            "",
            "8:39 duplicate-name: spec.schedulingGates[1].name: the scheduling gate `a` is there twice\n9:13 forbidden: spec.nodeName: has no place where schedulingGates keep the pod back (leave it out)",
        ),
        (
            "readinessGates: [{conditionType: a b}]",
            "",
            "8:36 invalid-label: spec.readinessGates[0].conditionType: `a b` is not a valid key: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit",
        ),
    ]);
}

#[test]
fn names_and_times() {
    assert_pods(&[
        (
            "hostname: A\nsubdomain: a.b",
            "",
            "8:13 invalid-name: spec.hostname: `A` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit\n9:14 invalid-name: spec.subdomain: `a.b` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit",
        ),
        (
            "hostnameOverride: a\nhostNetwork: true",
            "",
            "8:21 forbidden: spec.hostnameOverride: has no place with `hostNetwork: true` (leave it out)",
        ),
        (
            "serviceAccountName: A\npriorityClassName: b_c\nruntimeClassName: D",
            "",
            "8:23 invalid-name: spec.serviceAccountName: `A` is not a valid name: use lowercase letters, digits, `-` and `.`, and begin and end with a letter or digit\n9:22 invalid-name: spec.priorityClassName: `b_c` is not a valid name: use lowercase letters, digits, `-` and `.`, and begin and end with a letter or digit\n10:21 invalid-name: spec.runtimeClassName: `D` is not a valid name: use lowercase letters, digits, `-` and `.`, and begin and end with a letter or digit",
        ),
        (
            "activeDeadlineSeconds: 0",
            "",
            "8:26 out-of-range: spec.activeDeadlineSeconds: must be a number from 1 to 2147483647",
        ),
        (
            "preemptionPolicy: Always",
            "",
            "8:21 invalid-value: spec.preemptionPolicy: `Always` is none of PreemptLowerPriority, Never",
        ),
        (
            "dnsPolicy: None",
            "",
            "4:1 required: spec.dnsConfig.nameservers: one at least is required with `dnsPolicy: None` (write for instance `nameservers: [192.0.2.1]`)",
        ),
        (
            "dnsPolicy: ClusterLast\ndnsConfig: {nameservers: [a, 1.1.1.1, 2.2.2.2, 010.0.0.1], searches: [a_b, -a, .], options: [{value: a}]}",
            "",
            "8:14 invalid-value: spec.dnsPolicy: `ClusterLast` is none of ClusterFirstWithHostNet, ClusterFirst, Default, None (did you mean `ClusterFirst`?)\n9:29 too-many: spec.dnsConfig.nameservers: has 4 entries; at most 3 are allowed\n9:29 invalid-value: spec.dnsConfig.nameservers[0]: `a` is not an IP address\n9:78 invalid-name: spec.dnsConfig.searches[1]: `-a` is not a DNS name\n9:97 required: spec.dnsConfig.options[0].name: is required",
        ),
        (
            "hostAliases: [{ip: here, hostnames: [A]}]",
            "",
            "8:22 invalid-value: spec.hostAliases[0].ip: `here` is not an IP address\n8:40 invalid-name: spec.hostAliases[0].hostnames[0]: `A` is not a valid name: use lowercase letters, digits, `-` and `.`, and begin and end with a letter or digit",
        ),
    ]);
    let named = |annotation: &str| {
        pod("", "").replace("{name: web}", &format!("{{name: web, annotations: {{{annotation}}}}}"))
    };
    assert_faults(&[
        (
            "cost",
            named("controller.kubernetes.io/pod-deletion-cost: high"),
            "3:81 invalid-value: metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: `high` is not a number of 32 bits",
        ),
        (
            "profile",
            named("container.apparmor.security.beta.kubernetes.io/x: own"),
            "3:37 invalid-value: metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: there is no container `x`\n3:87 invalid-value: metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: `own` is none of runtime/default, unconfined and localhost/PROFILE",
        ),
    ]);
}
