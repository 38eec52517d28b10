//! `ConfigMaps` and Secrets made of literals and files.
//!
//! Source: `api/internal/generators` and `api/kv` of kustomize 5.5.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::document::{Finding, Place, Placed, PlacedValue, Scalar, join};

use super::fields::text_at;
use super::file::File;
use super::files::Files;
use super::resource::Resource;
use super::spec::Generator;

/// What a generated object is to one of the same name that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behavior {
    Create,
    Merge,
    Replace,
}

/// A generated object.
pub(super) struct Generated {
    pub(super) resource: Resource,
    pub(super) behavior: Behavior,
    /// Where it is asked for.
    pub(super) path: String,
}

/// A content and where it is asked for.
struct Pair {
    key: String,
    value: Vec<u8>,
    place: Place,
}

/// Makes every object that a kustomization asks for.
pub(super) fn generate(file: &File, files: &dyn Files) -> Result<Vec<Generated>, Vec<Finding>> {
    let (mut made, mut findings) = (Vec::new(), Vec::new());
    let lists = [
        ("configMapGenerator", "ConfigMap", &file.spec.config_map_generator),
        ("secretGenerator", "Secret", &file.spec.secret_generator),
    ];
    for (field, kind, generators) in lists {
        for (index, generator) in generators.iter().enumerate() {
            let path = format!("{field}[{index}]");
            let making = Making { file, files, generator, path, kind };
            match making.make() {
                Ok(generated) => made.push(generated),
                Err(finding) => findings.push(*finding),
            }
        }
    }
    if findings.is_empty() { Ok(made) } else { Err(findings) }
}

struct Making<'m> {
    file: &'m File,
    files: &'m dyn Files,
    generator: &'m Generator,
    path: String,
    kind: &'static str,
}

type Made<T> = Result<T, Box<Finding>>;

impl Making<'_> {
    fn refuse(&self, path: &str, message: &str) -> Box<Finding> {
        Box::new(self.file.refuse("kustomization-generator", path, message))
    }

    fn make(self) -> Made<Generated> {
        if self.generator.name.is_empty() {
            return Err(self.refuse(&self.path, &format!("a generated {} needs a name", self.kind)));
        }
        let behavior = match self.generator.behavior.as_str() {
            "" | "create" | "unspecified" => Behavior::Create,
            "merge" => Behavior::Merge,
            "replace" => Behavior::Replace,
            other => {
                let message = format!("{other} is none of create, merge and replace");
                return Err(self.refuse(&join(&self.path, "behavior"), &message));
            }
        };
        let mut resource = Resource::new(self.object()?);
        let options = (&self.generator.options, &self.file.spec.generator_options);
        resource.hashed =
            !(options.0.disable_name_suffix_hash || options.1.disable_name_suffix_hash);
        Ok(Generated { resource, behavior, path: self.path })
    }

    fn object(&self) -> Made<Placed> {
        let here = self.file.place(&self.path);
        let place = |field: &str| self.file.place(&join(&self.path, field));
        let mut object = Placed::mapping(Some(here.clone()));
        let mut set = |key: &str, value: Placed| {
            let key_place = value.place.clone();
            object.set(key, key_place, value);
        };
        set("apiVersion", text_at("v1", &here));
        set("kind", text_at(self.kind, &here));
        set("metadata", self.metadata());
        if self.kind == "Secret" {
            let of_type = &self.generator.of_type;
            let of_type = if of_type.is_empty() { "Opaque" } else { of_type };
            set("type", text_at(of_type, &place("type")));
        }
        for (field, data) in self.data()? {
            set(field, data);
        }
        let options = (&self.generator.options, &self.file.spec.generator_options);
        if options.0.immutable || options.1.immutable {
            let value = PlacedValue::Scalar(Scalar::Bool(true), "true".to_owned());
            set("immutable", Placed { value, place: Some(place("options.immutable")) });
        }
        Ok(object)
    }

    fn metadata(&self) -> Placed {
        let place = |path: &str| self.file.place(path);
        let mut metadata = Placed::mapping(Some(place(&self.path)));
        let mut named = |field: &str, text: &str| {
            if !text.is_empty() {
                let place = place(&join(&self.path, field));
                metadata.set(field, Some(place.clone()), text_at(text, &place));
            }
        };
        named("name", &self.generator.name);
        named("namespace", &self.generator.namespace);
        let own = &self.generator.options;
        let all = &self.file.spec.generator_options;
        let maps = [
            ("labels", &own.labels, &all.labels),
            ("annotations", &own.annotations, &all.annotations),
        ];
        for (field, own, all) in maps {
            let mut pairs: BTreeMap<&str, (&str, String)> = BTreeMap::new();
            let paths = ["generatorOptions".to_owned(), join(&self.path, "options")];
            for (map, above) in [all, own].into_iter().zip(paths) {
                let above = join(&above, field);
                pairs.extend(map.iter().map(|(k, v)| (k.as_str(), (v.as_str(), join(&above, k)))));
            }
            if pairs.is_empty() {
                continue;
            }
            let mut mapping = Placed::mapping(Some(place(&self.path)));
            for (key, (value, path)) in pairs {
                let place = place(&path);
                mapping.set(key, Some(place.clone()), text_at(value, &place));
            }
            metadata.set(field, mapping.place.clone(), mapping);
        }
        metadata
    }

    /// `data` and, for bytes that are no text in a `ConfigMap`, `binaryData`.
    fn data(&self) -> Made<Vec<(&'static str, Placed)>> {
        let mut fields: BTreeMap<&'static str, BTreeMap<String, Placed>> = BTreeMap::new();
        for Pair { key, value, place } in self.pairs()? {
            let (field, text) = match (self.kind, String::from_utf8(value)) {
                ("ConfigMap", Ok(text)) => ("data", text),
                ("ConfigMap", Err(bytes)) => ("binaryData", in_lines(bytes.as_bytes())),
                (_, Ok(text)) => ("data", in_lines(text.as_bytes())),
                (_, Err(bytes)) => ("data", in_lines(bytes.as_bytes())),
            };
            if fields.values().any(|map| map.contains_key(&key)) {
                let message = format!("{} has the key {key} twice", self.generator.name);
                let finding = self.refuse(&self.path, &message);
                return Err(Box::new(finding.at(place.span)));
            }
            fields.entry(field).or_default().insert(key, text_at(&text, &place));
        }
        let here = self.file.place(&self.path);
        let fields = fields.into_iter().map(|(field, entries)| {
            let mut mapping = Placed::mapping(Some(here.clone()));
            for (key, value) in entries {
                mapping.set(&key, value.place.clone(), value);
            }
            (field, mapping)
        });
        Ok(fields.collect())
    }

    fn pairs(&self) -> Made<Vec<Pair>> {
        let mut pairs = Vec::new();
        let env = (!self.generator.env.is_empty()).then_some((self.generator.env.as_str(), None));
        let envs = self.generator.envs.iter().enumerate();
        for (name, index) in envs.map(|(index, name)| (name.as_str(), Some(index))).chain(env) {
            let path = match index {
                Some(index) => format!("{}.envs[{index}]", self.path),
                None => join(&self.path, "env"),
            };
            self.of_env_file(name, &path, &mut pairs)?;
        }
        for (index, literal) in self.generator.literals.iter().enumerate() {
            let path = format!("{}.literals[{index}]", self.path);
            pairs.push(self.of_literal(literal, &path)?);
        }
        for (index, source) in self.generator.files.iter().enumerate() {
            let path = format!("{}.files[{index}]", self.path);
            pairs.push(self.of_file(source, &path)?);
        }
        Ok(pairs)
    }

    fn of_literal(&self, literal: &str, path: &str) -> Made<Pair> {
        let (key, value) = literal
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .ok_or_else(|| self.refuse(path, "a literal is written as key=value"))?;
        let value = unquoted(value).as_bytes().to_vec();
        Ok(Pair { key: key.to_owned(), value, place: self.file.place(path) })
    }

    fn of_file(&self, source: &str, path: &str) -> Made<Pair> {
        let (key, name) = match source.split_once('=') {
            None => (source.rsplit('/').next().unwrap_or(source), source),
            Some((key, name)) if key.is_empty() || name.is_empty() || name.contains('=') => {
                return Err(self.refuse(path, "a file is written as path, or as key=path"));
            }
            Some(parts) => parts,
        };
        let value = self.read(name, path)?;
        Ok(Pair { key: key.to_owned(), value, place: self.file.place(path) })
    }

    fn of_env_file(&self, name: &str, path: &str, pairs: &mut Vec<Pair>) -> Made<()> {
        let text = String::from_utf8(self.read(name, path)?)
            .map_err(|_| self.refuse(path, &format!("{name} is not UTF-8")))?;
        for line in text.strip_prefix('\u{feff}').unwrap_or(&text).lines() {
            let line = line.trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            let value = value.as_bytes().to_vec();
            pairs.push(Pair { key: key.to_owned(), value, place: self.file.place(path) });
        }
        Ok(())
    }

    fn read(&self, name: &str, path: &str) -> Made<Vec<u8>> {
        let read = self.file.root.read(self.files, name);
        read.map(|content| content.bytes).map_err(|message| self.refuse(path, &message))
    }
}

/// A value without the quotes that stand around all of it.
fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

/// Base64 in lines of 70, if there is more than one, as kustomize writes it; the hash of the content depends on it.
fn in_lines(bytes: &[u8]) -> String {
    const WIDTH: usize = 70;
    let text = BASE64_STANDARD.encode(bytes);
    if text.len() <= WIDTH {
        return text;
    }
    let mut lines = String::with_capacity(text.len() + text.len() / WIDTH + 1);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(WIDTH));
        lines.push_str(line);
        lines.push('\n');
        rest = after;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_go_only_in_pairs() {
        for (value, expected) in
            [("\"a\"", "a"), ("'a b'", "a b"), ("\"a", "\"a"), ("a'", "a'"), ("\"", "\""), ("", "")]
        {
            assert_eq!(unquoted(value), expected);
        }
    }

    #[test]
    fn long_base64_stands_in_lines() {
        assert_eq!(in_lines(b"a"), "YQ==");
        let lines = in_lines(&[0; 60]);
        assert_eq!(lines.lines().map(str::len).collect::<Vec<_>>(), [70, 10]);
        assert!(lines.ends_with('\n'));
    }
}
