//! Templates in Jinja's language to manifests: with the values that were given, and nothing else of the world.
//!
//! A name without a value is refused in its place. There is no loader, so no template reads another file; how many
//! steps one takes and how much it writes is bounded. What is wrong with the rendered text is shown in that text, which
//! is the only place where it stands: the name of such a source says so.
//!
//! How much memory a template takes on its way is not bounded: the engine has no limit for a text that is built up and
//! kept, and `~` in a loop doubles one with each step. So a template is to be trusted as a program is.

mod set;
mod values;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};

use crate::document::{Finding, Place, Severity, Source, SourceText, Span, closest, quoted};

pub use set::SetError;
pub use values::Values;

/// How many instructions a template may take: loops over some ten thousand things.
const FUEL: u64 = 1_000_000;
/// How much it may write: a quarter of what is read of a file.
const MAX_OUTPUT: usize = 16 << 20;
/// How deep its macros may call each other.
const MAX_RECURSION: usize = 50;

/// Whether a file of this name is a template, whatever values there are.
pub fn is_template_name(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension == "j2")
}

/// Renders a template; what comes of it is a source whose name says that it was rendered.
pub fn render(template: &Source, values: &Values) -> Result<Source, Box<Finding>> {
    let environment = environment();
    let mut output = Bounded::default();
    let rendered = environment
        .template_from_named_str(&template.name, &template.text)
        .and_then(|parsed| parsed.render_captured_to(values.context(), &mut output).map(|_| ()));
    if output.overflowed {
        let place = Place { source: SourceText::new(template), span: Span::default() };
        let message = format!("the template gives more than {MAX_OUTPUT} bytes");
        return Err(Box::new(Finding::new(Severity::Error, "template", message, place)));
    }
    match rendered {
        Ok(()) => {
            let text = String::from_utf8_lossy(&output.bytes).into_owned();
            Ok(Source::new(format!("{} (rendered)", template.name), text))
        }
        Err(error) => Err(Box::new(fault(template, values, &error))),
    }
}

/// The engine, as strict as it can be.
///
/// # Panics
/// Never: the delimiters are the usual ones.
fn environment() -> Environment<'static> {
    // A line that is nothing but a block leaves no trace: YAML minds its indentation.
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .expect("the usual delimiters are fit");
    let mut environment = Environment::new();
    environment.set_syntax(syntax);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(MAX_RECURSION);
    environment
}

/// Takes so much and no more.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    overflowed: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_OUTPUT {
            self.overflowed = true;
            return Err(io::Error::other("too much output"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is wrong with a template, at the place that the engine names.
fn fault(template: &Source, values: &Values, error: &minijinja::Error) -> Finding {
    let source = SourceText::new(template);
    let span = error
        .range()
        .map(|range| Span::new(range.start, range.end))
        .filter(|span| template.text.get(span.start..span.end).is_some())
        .or_else(|| error.line().and_then(|line| line_span(&template.text, line)))
        .unwrap_or_default();
    let text = template.text.get(span.start..span.end).unwrap_or_default().trim().to_owned();
    let finding = |message: String| {
        let place = Place { source: source.clone(), span };
        Finding::new(Severity::Error, "template", message, place)
    };
    match error.kind() {
        ErrorKind::UndefinedError => undefined(finding, &text, values),
        ErrorKind::OutOfFuel => finding(format!("the template takes more than {FUEL} steps"))
            .with_help("does a loop run over more than was meant?"),
        kind => {
            let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
            finding(format!("{kind}{detail}")).with_label("in this template")
        }
    }
}

fn undefined(finding: impl Fn(String) -> Finding, text: &str, values: &Values) -> Finding {
    let expression = text.trim_start_matches("{{").trim_end_matches("}}").trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    if expression.is_empty() || !expression.chars().all(is_name) {
        let message = format!("a name in {} has no value", quoted(text));
        return finding(message)
            .with_help("give it one with --set-value NAME=VALUE or --values FILE");
    }
    let finding = finding(format!("{} has no value", quoted(expression))).with_label("no value");
    let names = values.names();
    match closest(expression, names.iter().map(String::as_str)) {
        Some(known) => finding.with_help(format!("did you mean `{known}`?")),
        None => finding.with_help(format!(
            "give it one with --set-value {expression}=VALUE or --values FILE, or write {{{{ {expression} | default(…) }}}}"
        )),
    }
}

fn line_span(text: &str, line: usize) -> Option<Span> {
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let length = text.get(start..)?.lines().next().map_or(0, str::len);
    Some(Span::new(start, start + length))
}
