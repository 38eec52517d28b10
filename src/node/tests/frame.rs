use super::*;
use crate::driver::{Block, Command, Lock, Operation};

const NONCE: &str = "n";

fn script(commands: &[usize]) -> Script {
    let command = || Command::reads(["x"]);
    let blocks = commands.iter().enumerate().map(|(n, &count)| Block {
        title: String::new(),
        // Each block needs the one before it.
        needs: n.checked_sub(1).into_iter().collect(),
        commands: std::iter::repeat_with(command).take(count).collect(),
    });
    Script { operation: Operation::Ping, lock: Lock::None, blocks: blocks.collect() }
}

/// Reads the same text, with `@` for the start of a mark, on both streams.
fn read(script: &Script, text: &str, limit: usize) -> Result<Option<Output>, FrameError> {
    let text = text.replace('@', "\x1en ");
    let mut frames = Frames::new(script, NONCE, limit);
    for byte in text.bytes() {
        frames.feed(Channel::Stdout, &[byte], &mut |_| {})?;
    }
    frames.feed(Channel::Stderr, text.as_bytes(), &mut |_| {})?;
    Ok((frames.stage() == Stage::Ended).then(|| frames.into_output()))
}

fn ran(exit: i32, text: &str) -> CommandOutput {
    CommandOutput { exit, stdout: text.into(), stderr: text.into() }
}

#[test]
fn streams_are_cut_at_their_marks() {
    let output =
        read(&script(&[2, 1]), "motd @begin 5\none@ran 0 0 0\n@ran 0 1 7\n@skip 1\n@end\n", 9);
    let blocks = vec![BlockOutput::Ran(vec![ran(0, "one"), ran(7, "")]), BlockOutput::Skipped];
    assert_eq!(output, Ok(Some(Output { blocks })));
}

#[test]
fn output_beyond_the_limit_is_dropped() {
    let output = read(&script(&[1]), "@begin 5\n0123456789@ran 0 0 0\n@end\n", 4);
    assert_eq!(output, Ok(Some(Output { blocks: vec![BlockOutput::Ran(vec![ran(0, "0123")])] })));
}

#[test]
fn what_looks_like_a_mark_without_the_nonce_is_output() {
    let fake = "\x1em ran 0 0 0\n\x1e\x1e\x1en\x1e";
    let output = read(&script(&[1]), &format!("@begin 5\n{fake}@ran 0 0 0\n@end\n"), 99);
    assert_eq!(output, Ok(Some(Output { blocks: vec![BlockOutput::Ran(vec![ran(0, fake)])] })));
}

#[test]
fn an_answer_without_its_last_mark_has_not_ended() {
    for text in ["", "@begin 5\n", "@begin 5\n@ran 0 0 0\n", "@begin 5\n@ran 0 0 0\n@end"] {
        assert_eq!(read(&script(&[1]), text, 9), Ok(None), "{text}");
    }
}

#[test]
fn marks_out_of_the_scripts_order_are_refused() {
    for text in [
        "@end\n",
        "@begin 5\n@begin 5\n",
        "@begin 5\n@end\n",
        "@begin 5\n@ran 0 1 0\n",
        "@begin 5\n@ran 1 0 0\n",
        "@begin 5\n@skip 0\n",
        "@begin 5\n@ran 0 0 0\n@skip 1\n",
        "@begin 5\n@ran 0 0 1\n@ran 1 0 0\n",
        "@begin 5\n@ran 0 0 0\n@ran 1 0 0\n@ran 2 0 0\n",
        "@begin 5\n@ran 0 0 0\n@ran 1 0 0\n@end\n@end\n",
        "@begin 5\n@ran 0 0 -0\n",
        "@begin 5\n@ran 0 0 99999999999\n",
        "@begin 5\n@ran 0 0\n",
        "@begin 5\n@rm\n",
    ] {
        assert_eq!(read(&script(&[1, 1]), text, 9), Err(FrameError), "{text}");
    }
    let endless = format!("@{}", "0".repeat(200));
    assert_eq!(read(&script(&[1]), &endless, 9), Err(FrameError));
}

#[test]
fn streams_that_disagree_are_refused() {
    let script = script(&[1]);
    let mut frames = Frames::new(&script, NONCE, 9);
    frames.feed(Channel::Stdout, b"\x1en begin 5\n\x1en ran 0 0 0\n", &mut |_| {}).unwrap();
    let fed = frames.feed(Channel::Stderr, b"\x1en begin 5\n\x1en ran 0 0 1\n", &mut |_| {});
    assert_eq!(fed, Err(FrameError));
}

#[test]
fn a_command_is_told_of_when_both_streams_have_its_mark() {
    let script = script(&[1]);
    let mut frames = Frames::new(&script, NONCE, 9);
    let mut told = Vec::new();
    let text = b"\x1en begin 5\n\x1en ran 0 0 3\n";
    let said = b"\x1en begin 5\nabc\x1en ran 0 0 3\n";
    frames.feed(Channel::Stdout, said, &mut |progress| told.push(progress)).unwrap();
    assert_eq!(told, []);
    frames.feed(Channel::Stderr, text, &mut |progress| told.push(progress)).unwrap();
    assert_eq!(told, [Progress::Ended { block: 0, command: 0, exit: 3, printed: 3 }]);
}
