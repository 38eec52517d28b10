use crate::driver::HOST_DIRECTORY;
use std::io::Write as _;
use std::process::{Output as Ran, Stdio};

use proptest::prelude::*;

use super::*;
use crate::driver::{BlockOutput, Operation, Output};
use crate::node::frame::{Channel, Frames, Stage};

const NONCE: &str = "00112233445566778899aabbccddeeff";

fn script(blocks: Vec<Block>) -> Script {
    Script { operation: Operation::Ping, lock: Lock::None, blocks }
}

fn block(needs: &[usize], commands: Vec<Command>) -> Block {
    Block { title: String::new(), needs: needs.to_vec(), commands }
}

/// Feeds a program to a shell and gives it a while at most, so that a hanging one fails the test.
fn feed(argv: &[String], text: &str) -> Ran {
    let mut child = std::process::Command::new("timeout")
        .args(["60"])
        .args(argv)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = text.to_owned();
    let writer = std::thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
    let ran = child.wait_with_output().unwrap();
    writer.join().unwrap();
    ran
}

fn run_in(shell: &str, script: &Script) -> Output {
    let text = program(script, NONCE).unwrap();
    let ran = feed(&[shell.to_owned(), "-s".to_owned()], &text);
    let mut frames = Frames::new(script, NONCE, usize::MAX);
    // In small pieces, as a network might deliver them.
    for piece in ran.stdout.chunks(7) {
        frames.feed(Channel::Stdout, piece, &mut |_| {}).unwrap();
    }
    for piece in ran.stderr.chunks(5) {
        frames.feed(Channel::Stderr, piece, &mut |_| {}).unwrap();
    }
    assert_eq!(frames.stage(), Stage::Ended, "{}", String::from_utf8_lossy(&ran.stderr));
    frames.into_output()
}

fn run(script: &Script) -> Output {
    run_in("sh", script)
}

fn ran(output: &Output, block: usize) -> &[crate::driver::CommandOutput] {
    match &output.blocks[block] {
        BlockOutput::Ran(commands) => commands,
        BlockOutput::Skipped => panic!("block {block} was skipped"),
    }
}

#[test]
fn a_program_is_one_function_that_the_last_line_calls() {
    let script = script(vec![
        block(&[], vec![Command::reads(["podman", "ps", "--filter", "label=a b"]).accepting(125)]),
        block(&[0], vec![Command::mutates(["tee", "/tmp/it's"]).with_stdin("a\n")]),
        block(
            &[],
            vec![Command::reads(["echo", "x"]), Command::reads(["cat"]).with_stdin([0, 255])],
        ),
    ]);
    insta::assert_snapshot!(program(&script, NONCE).unwrap(), @r#"
    LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export LC_ALL PATH
    GOGC=off GOMEMLIMIT=256MiB; export GOGC GOMEMLIMIT
    bl_mark() { printf '\03600112233445566778899aabbccddeeff %s\n' "$*" || exit 1; printf '\03600112233445566778899aabbccddeeff %s\n' "$*" >&2 || exit 1; }
    bl_ran() { bl_mark ran "$1" "$2" "$3"; case " 0 $4 " in *" $3 "*) ;; *) return 1 ;; esac; }
    bl_main() {
    cd /
    bl_done=' '
    bl_mark begin $$
    bl_0() {
    podman ps --filter 'label=a b' </dev/null
    bl_ran 0 0 $? '125' || return
    bl_done=$bl_done'0 '
    }
    bl_0
    bl_1() {
    case $bl_done in *' 0 '*) ;; *) bl_mark skip 1; return ;; esac
    printf %s 'a
    ' | tee '/tmp/it'\''s'
    bl_ran 1 0 $? '' || return
    bl_done=$bl_done'1 '
    }
    bl_1
    bl_2() {
    env echo x </dev/null
    bl_ran 2 0 $? '' || return
    printf %s 'AP8=' | base64 -d | cat
    bl_ran 2 1 $? '' || return
    bl_done=$bl_done'2 '
    }
    bl_2
    bl_mark end
    }
    bl_main; exit 0
    "#);
}

#[test]
fn a_failure_ends_its_block_and_skips_those_that_need_it() {
    let fails = || Command::reads(["sh", "-c", "exit 3"]);
    let output = run(&script(vec![
        block(&[], vec![Command::reads(["true"]), fails(), Command::reads(["true"])]),
        block(&[0], vec![Command::reads(["true"])]),
        block(&[1], vec![Command::reads(["true"])]),
        block(&[], vec![]),
        block(&[3], vec![fails().accepting(3), Command::reads(["sh", "-c", "kill -9 $$"])]),
        block(&[4], vec![]),
    ]));
    let exits = |n| ran(&output, n).iter().map(|command| command.exit).collect::<Vec<_>>();
    assert_eq!(exits(0), [0, 3]);
    assert_eq!(output.blocks[1..3], [BlockOutput::Skipped, BlockOutput::Skipped]);
    assert!(exits(3).is_empty());
    assert_eq!(exits(4), [3, 137]);
    assert_eq!(output.blocks[5], BlockOutput::Skipped);
}

#[test]
fn a_command_reads_nothing_of_the_program() {
    let output = run(&script(vec![block(&[], vec![Command::reads(["cat"]); 2])]));
    assert!(ran(&output, 0).iter().all(|command| command.stdout.is_empty() && command.exit == 0));
}

#[test]
fn names_that_a_shell_knows_run_the_program() {
    let script = script(vec![
        block(&[], vec![Command::reads(["exit", "0"])]),
        block(&[], vec![Command::reads(["echo", r"a\nb"])]),
        block(&[], vec![Command::reads(["bl_mark", "end"])]),
        block(&[], vec![Command::reads(["if"])]),
    ]);
    let output = run(&script);
    assert_eq!(ran(&output, 0)[0].exit, 127);
    assert_eq!(ran(&output, 1)[0].stdout, b"a\\nb\n");
    assert_eq!(ran(&output, 2)[0].exit, 127);
    assert_eq!(ran(&output, 3)[0].exit, 127);
}

#[test]
fn a_program_that_was_cut_short_runs_nothing() {
    let script = script(vec![block(&[], vec![Command::mutates(["echo", "ran"])])]);
    let text = program(&script, NONCE).unwrap();
    for end in 0..text.len() - "; exit 0\n".len() - 1 {
        let ran = feed(&["sh".to_owned(), "-s".to_owned()], &text[..end]);
        let stdout = String::from_utf8(ran.stdout).unwrap();
        assert!(!stdout.lines().any(|line| line == "ran"), "cut at {end}");
    }
}

#[test]
fn an_argument_with_a_zero_byte_is_refused() {
    let script = script(vec![block(&[], vec![Command::reads(["echo", "a\0b"])])]);
    let error = program(&script, NONCE).unwrap_err();
    assert_eq!(error, NodeError::Argument { program: "echo".to_owned() });
}

#[test]
fn words_that_shells_would_read_otherwise_are_quoted() {
    let line = |words: &[&str]| {
        exec_line(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>()).unwrap()
    };
    insta::assert_snapshot!(line(&["a-b_c/d.e:f,g@h%i+j", "", "a b", "$x", "it's", "a=b", "*", "~", "é", "a\nb"]), @r"
    exec a-b_c/d.e:f,g@h%i+j '' 'a b' '$x' 'it'\''s' 'a=b' '*' '~' 'é' 'a
    b'
    ");
}

#[test]
fn the_lock_is_taken_around_the_shell() {
    let locking = Locking { wait: Duration::from_secs(30), directory: HOST_DIRECTORY.to_owned() };
    let line = |lock, privilege| exec_line(&shell_argv(lock, privilege, &locking)).unwrap();
    insta::assert_snapshot!(line(Lock::None, Privilege::Sudo), @"exec sudo -n -- sh -s");
    insta::assert_snapshot!(line(Lock::Exclusive, Privilege::Sudo), @"exec sudo -n -- sh -c 'mkdir -p /var/lib/bowline && exec flock -o -w 30 -E 75 /var/lib/bowline/lock sh -s'");
    insta::assert_snapshot!(line(Lock::Shared, Privilege::Direct), @"exec sh -c '[ -e /var/lib/bowline/lock ] || exec sh -s; exec flock -o -s -w 30 -E 75 /var/lib/bowline/lock sh -s'");
}

#[test]
fn a_lock_is_not_kept_by_what_a_command_leaves_behind() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state").display().to_string();
    let locking = Locking { wait: Duration::ZERO, directory: path.clone() };
    let argv = |lock| shell_argv(lock, Privilege::Direct, &locking);
    // Looking creates nothing.
    assert_eq!(feed(&argv(Lock::Shared), "exit 0\n").status.code(), Some(0));
    assert!(!std::path::Path::new(&path).exists());

    let sleeper = "sleep 30 >/dev/null 2>&1 </dev/null & echo $!\n";
    let left = feed(&argv(Lock::Exclusive), sleeper);
    let again = feed(&argv(Lock::Exclusive), "exit 4\n");
    let pid = String::from_utf8(left.stdout).unwrap();
    feed(&["kill".to_owned(), pid.trim().to_owned()], "");
    assert_eq!(again.status.code(), Some(4));

    // While one holds it, others are told so; two that only look do not mind each other.
    let held = |holder, other| {
        let inner = exec_line(&argv(other)).unwrap();
        feed(&argv(holder), &format!("{inner} </dev/null\n")).status.code()
    };
    assert_eq!(held(Lock::Exclusive, Lock::Exclusive), Some(BUSY_EXIT));
    assert_eq!(held(Lock::Exclusive, Lock::Shared), Some(BUSY_EXIT));
    assert_eq!(held(Lock::Shared, Lock::Exclusive), Some(BUSY_EXIT));
    assert_eq!(held(Lock::Shared, Lock::Shared), Some(0));
}

#[test]
fn no_command_starts_when_nobody_listens() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (directory.path().join("1"), directory.path().join("2"));
    let touch = |path: &std::path::Path| Command::mutates(["touch", &path.display().to_string()]);
    let script = script(vec![block(
        &[],
        vec![Command::reads(["cat"]).with_stdin("x"), touch(&first), touch(&second)],
    )]);
    let text = program(&script, NONCE).unwrap();
    for shell in ["sh", "bash"] {
        let mut child = std::process::Command::new(shell)
            .arg("-s")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
        assert!(!child.wait().unwrap().success());
        assert!(!first.exists() && !second.exists());
    }
}

#[test]
fn a_megabyte_of_input_arrives() {
    let bytes: Vec<u8> = (0..1 << 20).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let text = "it's 1\n".repeat(1 << 17);
    for input in [bytes, text.into_bytes()] {
        let output = run(&script(vec![block(
            &[],
            vec![
                Command::reads(["cat"]).with_stdin(input.clone()),
                Command::reads(["true"]).with_stdin(input.clone()),
            ],
        )]));
        assert_eq!(ran(&output, 0)[0].stdout, input);
        assert_eq!(ran(&output, 0)[1].exit, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_survive_a_real_shell(
        input in prop::collection::vec(any::<u8>(), 0..4000),
        text in "\\PC{0,40}[\n'\\\\$`\u{1e}\u{81}-\u{ff}]{0,20}",
        noise in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        // Octal escapes keep the noise out of the argument's own encoding.
        let mut octal = String::new();
        for byte in &noise {
            let _ = write!(octal, "\\0{byte:03o}");
        }
        let script = script(vec![block(&[], vec![
            Command::reads(["cat"]).with_stdin(input.clone()),
            Command::reads(["cat"]).with_stdin(text.clone()),
            Command::reads(["sh", "-c", "printf %s \"$1\"; printf %b \"$2\" >&2", "sh", &text, &octal]),
        ])]);
        for shell in ["sh", "bash"] {
            let output = run_in(shell, &script);
            let ran = ran(&output, 0);
            prop_assert_eq!(&ran[0].stdout, &input);
            prop_assert_eq!(&ran[1].stdout, text.as_bytes());
            prop_assert_eq!(&ran[2].stdout, text.as_bytes());
            prop_assert_eq!(&ran[2].stderr, &noise);
        }
    }
}
