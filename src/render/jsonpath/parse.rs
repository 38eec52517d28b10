//! Reading a template.

use serde_json::Value;

use super::{Comparison, Condition, Operand, Part, Path, Step, Template, TemplateError};

impl std::str::FromStr for Template {
    type Err = TemplateError;

    /// Reads a template. One without any brace is taken for a single expression, which is what is meant by it.
    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let whole = if text.contains('{') { text.to_owned() } else { format!("{{{text}}}") };
        let mut cursor =
            Cursor { text: whole.chars().collect(), at: 0, shift: whole.len() - text.len() };
        let parts = cursor.parts(Within::Template)?;
        Ok(Self { parts })
    }
}

/// What the parts being read stand in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Template,
    Range,
}

struct Cursor {
    text: Vec<char>,
    at: usize,
    /// 2 when braces were added, of which the first stands before what was typed.
    shift: usize,
}

impl Cursor {
    fn error<T>(&self, problem: &str) -> Result<T, TemplateError> {
        let at = (self.at + 1).saturating_sub(self.shift / 2).max(1);
        Err(TemplateError { problem: problem.to_owned(), at })
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, wanted: &str) -> bool {
        let there = wanted.chars().eq(self.text.iter().skip(self.at).take(wanted.len()).copied());
        if there {
            self.at += wanted.len();
        }
        there
    }

    fn spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn expect(&mut self, wanted: &str) -> Result<(), TemplateError> {
        if self.take(wanted) { Ok(()) } else { self.error(&format!("`{wanted}` is expected")) }
    }

    /// Parts up to the end of the template, or of the range that they stand in.
    fn parts(&mut self, within: Within) -> Result<Vec<Part>, TemplateError> {
        let mut parts = Vec::new();
        let mut text = String::new();
        while let Some(c) = self.peek() {
            if c != '{' {
                text.push(c);
                self.at += 1;
                continue;
            }
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            self.at += 1;
            if self.braces(&mut parts, within)? == Ended::Range {
                return Ok(parts);
            }
        }
        if within == Within::Range {
            return self.error("a `{range}` is not closed by `{end}`");
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(parts)
    }

    /// What stands between braces: texts and paths, or the beginning or end of a range.
    fn braces(&mut self, parts: &mut Vec<Part>, within: Within) -> Result<Ended, TemplateError> {
        self.spaces();
        if self.take("range ") {
            self.spaces();
            let path = self.path()?;
            self.spaces();
            self.expect("}")?;
            let inner = self.parts(Within::Range)?;
            parts.push(Part::Range(path, inner));
            return Ok(Ended::Braces);
        }
        if self.take("end") {
            self.spaces();
            self.expect("}")?;
            return match within {
                Within::Range => Ok(Ended::Range),
                Within::Template => self.error("`{end}` closes no `{range}`"),
            };
        }
        loop {
            self.spaces();
            match self.peek() {
                Some('}') => {
                    self.at += 1;
                    return Ok(Ended::Braces);
                }
                Some(quote @ ('"' | '\'')) => parts.push(Part::Text(self.quoted(quote)?)),
                Some(_) => parts.push(Part::Values(self.path()?)),
                None => return self.error("a `{` is not closed"),
            }
        }
    }

    fn path(&mut self) -> Result<Path, TemplateError> {
        let from = self.at;
        let mut steps = Vec::new();
        if self.take("$") {
            steps.push(Step::Root);
        } else {
            self.take("@");
        }
        loop {
            match self.peek() {
                Some('.') => {
                    self.at += 1;
                    if self.take(".") {
                        steps.push(Step::Descend);
                    }
                    self.dotted(&mut steps)?;
                }
                Some('[') => {
                    self.at += 1;
                    steps.push(self.bracket()?);
                }
                Some('*') => {
                    self.at += 1;
                    steps.push(Step::All);
                }
                Some(c) if self.at == from && is_of_name(c) => {
                    // `{kind}` is `{.kind}` to kubectl.
                    self.dotted(&mut steps)?;
                }
                _ if self.at == from => {
                    return self.error("an expression such as `.metadata.name` is expected");
                }
                _ => return Ok(Path { steps }),
            }
        }
    }

    /// What may follow a dot: a name, `*`, a bracket, or nothing, which is the value itself.
    fn dotted(&mut self, steps: &mut Vec<Step>) -> Result<(), TemplateError> {
        if self.take("*") {
            steps.push(Step::All);
            return Ok(());
        }
        let name = self.name()?;
        if !name.is_empty() {
            steps.push(Step::Field(name));
        }
        Ok(())
    }

    /// A name; a backslash lets a dot be part of it.
    fn name(&mut self) -> Result<String, TemplateError> {
        let mut name = String::new();
        while let Some(c) = self.peek() {
            if c == '\\' {
                self.at += 1;
                match self.peek() {
                    Some(escaped) => name.push(escaped),
                    None => return self.error("nothing follows the backslash"),
                }
            } else if is_of_name(c) {
                name.push(c);
            } else {
                break;
            }
            self.at += 1;
        }
        Ok(name)
    }

    /// What stands between brackets, after the opening one.
    fn bracket(&mut self) -> Result<Step, TemplateError> {
        self.spaces();
        if self.take("?(") {
            let condition = self.condition()?;
            self.spaces();
            self.expect(")")?;
            self.spaces();
            self.expect("]")?;
            return Ok(Step::Filter(Box::new(condition)));
        }
        if self.take("*") {
            self.spaces();
            self.expect("]")?;
            return Ok(Step::All);
        }
        let mut paths = Vec::new();
        loop {
            self.spaces();
            match self.peek() {
                Some(quote @ ('"' | '\'')) => paths.push(self.quoted_path(quote)?),
                _ => {
                    let step = self.element_or_slice()?;
                    paths.push(Path { steps: vec![step] });
                }
            }
            self.spaces();
            if self.take("]") {
                break;
            }
            self.expect(",")?;
        }
        Ok(match <[Path; 1]>::try_from(paths) {
            Ok([Path { mut steps }]) if steps.len() == 1 => steps.remove(0),
            Ok([path]) => Step::Union(vec![path]),
            Err(paths) => Step::Union(paths),
        })
    }

    /// A quoted key, which may be a path: `['metadata.name']`.
    fn quoted_path(&mut self, quote: char) -> Result<Path, TemplateError> {
        self.at += 1;
        let mut steps = Vec::new();
        loop {
            let mut name = String::new();
            loop {
                match self.peek() {
                    None => return self.error("a quote is not closed"),
                    Some('\\') => {
                        self.at += 1;
                        name.extend(self.peek());
                    }
                    Some(c) if c == quote || c == '.' => break,
                    Some(c) => name.push(c),
                }
                self.at += 1;
            }
            if !name.is_empty() {
                steps.push(Step::Field(name));
            }
            self.at += 1;
            if self.text.get(self.at - 1) == Some(&quote) {
                return Ok(Path { steps });
            }
        }
    }

    fn element_or_slice(&mut self) -> Result<Step, TemplateError> {
        let start = self.number()?;
        if !self.take(":") {
            return match start {
                Some(index) => Ok(Step::Element(index)),
                None => self.error("a number, a quoted key, `*` or `?(...)` is expected"),
            };
        }
        let end = self.number()?;
        let step = if self.take(":") { self.number()?.unwrap_or(1) } else { 1 };
        if step < 1 {
            return self.error("a step must be 1 or more");
        }
        Ok(Step::Slice { start, end, step })
    }

    fn number(&mut self) -> Result<Option<i64>, TemplateError> {
        let from = self.at;
        self.take("-");
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == from {
            return Ok(None);
        }
        let digits: String = self.text.iter().take(self.at).skip(from).collect();
        match digits.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => self.error(&format!("`{digits}` is not a number")),
        }
    }

    fn condition(&mut self) -> Result<Condition, TemplateError> {
        let left = self.operand()?;
        self.spaces();
        let known = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        match (known.into_iter().find(|(sign, _)| self.take(sign)), left) {
            (Some((_, comparison)), left) => {
                Ok(Condition::Compare(left, comparison, self.operand()?))
            }
            (None, Operand::Path(path)) => Ok(Condition::Exists(path)),
            (None, Operand::Literal(_)) => self.error("one of == != < <= > >= is expected"),
        }
    }

    fn operand(&mut self) -> Result<Operand, TemplateError> {
        self.spaces();
        match self.peek() {
            Some(quote @ ('"' | '\'')) => Ok(Operand::Literal(self.quoted(quote)?.into())),
            Some('@' | '.' | '$') => Ok(Operand::Path(self.path()?)),
            _ => {
                let mut word = String::new();
                while let Some(c) =
                    self.peek().filter(|c| c.is_alphanumeric() || "+-.".contains(*c))
                {
                    word.push(c);
                    self.at += 1;
                }
                match serde_json::from_str::<Value>(&word) {
                    Ok(value) => Ok(Operand::Literal(value)),
                    Err(_) => {
                        self.error("a quoted text, a number, true, false or `@.field` is expected")
                    }
                }
            }
        }
    }

    /// A quoted text with the escapes `\n`, `\t`, `\r`, `\\` and of the quote itself.
    fn quoted(&mut self, quote: char) -> Result<String, TemplateError> {
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\\' => {
                    let escaped = self.peek();
                    self.at += 1;
                    match escaped {
                        Some('n') => text.push('\n'),
                        Some('t') => text.push('\t'),
                        Some('r') => text.push('\r'),
                        Some(other) => text.push(other),
                        None => break,
                    }
                }
                c if c == quote => return Ok(text),
                c => text.push(c),
            }
        }
        self.error("a quote is not closed")
    }
}

/// Where reading between braces came to an end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Braces,
    Range,
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '\\')
}
