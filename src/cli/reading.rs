//! How manifests are read: which kinds are left out, and the values of templates.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};

use clap::Args;

use super::CliError;
use super::global::Global;
use crate::document::{Report, Source};
use crate::manifest::{
    GeneratedNames, NamespaceRule, ReadOptions, SetError, UnknownKinds, Values, is_template_name,
    render,
};

/// What every command that reads manifests can be told about reading them.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct ReadingArgs {
    /// Leave out objects of kinds that are not read, instead of refusing them
    #[arg(long)]
    skip_unknown_kinds: bool,

    /// Values of templates: a YAML file; can be given several times, the later wins
    #[arg(long, value_name = "FILE", requires = "filename")]
    values: Vec<PathBuf>,

    /// A value of templates, such as `image.tag=1.27`; true, false, null and whole numbers are what they look like
    #[arg(long, value_name = "NAME=VALUE", requires = "filename")]
    set_value: Vec<String>,

    /// A value of templates that is text, whatever it looks like
    #[arg(long, value_name = "NAME=VALUE", requires = "filename")]
    set_value_string: Vec<String>,

    #[arg(skip)]
    names: GeneratedNames,
}

impl ReadingArgs {
    /// How the reader is to read.
    pub(super) fn options(&self, global: &Global) -> ReadOptions {
        let namespace = match &global.namespace {
            Some(name) => NamespaceRule::Only(name.clone()),
            None => NamespaceRule::default(),
        };
        let unknown =
            if self.skip_unknown_kinds { UnknownKinds::Skip } else { UnknownKinds::Refuse };
        ReadOptions { namespace, unknown, names: self.names }
    }

    /// The same, with names made for objects that ask for one.
    pub(super) fn naming(&self) -> Self {
        // Every state of a hasher begins with other random keys: no more is needed for names that differ.
        let seed = RandomState::new().build_hasher().finish();
        Self { names: GeneratedNames::Made(seed), ..self.clone() }
    }

    /// The sources with templates rendered; what is wrong with any template is an error.
    pub(super) fn rendered(&self, sources: Vec<Source>) -> Result<Vec<Source>, CliError> {
        let values = self.read_values()?;
        let (mut rendered, mut findings) = (Vec::with_capacity(sources.len()), Vec::new());
        for source in sources {
            if !self.has_values() && !is_template_name(&source.name) {
                rendered.push(source);
                continue;
            }
            match render(&source, &values) {
                Ok(source) => rendered.push(source),
                Err(finding) => findings.push(*finding),
            }
        }
        if findings.is_empty() {
            return Ok(rendered);
        }
        Err(CliError::Findings { what: "the templates".to_owned(), report: Report { findings } })
    }

    fn has_values(&self) -> bool {
        !(self.values.is_empty() && self.set_value.is_empty() && self.set_value_string.is_empty())
    }

    fn read_values(&self) -> Result<Values, CliError> {
        let mut values = Values::default();
        for path in &self.values {
            values.add_file(&file(path)?).map_err(|findings| CliError::Findings {
                what: "the values".to_owned(),
                report: Report { findings },
            })?;
        }
        let usage = |error: SetError| CliError::Usage {
            problem: error.to_string(),
            hint: "write NAME=VALUE, such as --set-value image.tag=1.27".to_owned(),
        };
        self.set_value.iter().try_for_each(|text| values.set(text)).map_err(usage)?;
        self.set_value_string.iter().try_for_each(|text| values.set_string(text)).map_err(usage)?;
        Ok(values)
    }
}

fn file(path: &Path) -> Result<Source, CliError> {
    let text = std::fs::read_to_string(path).map_err(|error| CliError::Read {
        path: path.to_owned(),
        cause: error.to_string(),
        hint: "--values names a YAML file of values".to_owned(),
    })?;
    Ok(Source::new(path.display().to_string(), text))
}
