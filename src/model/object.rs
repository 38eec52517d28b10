//! A Kubernetes object of a kind that is read.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::kind::each_kind;
use super::{Kind, ObjectKey};

/// Why JSON is not an object of a kind that is read.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The kind is another one.
    #[error("{api_version} {kind} is not a kind that is read")]
    Kind {
        /// The `apiVersion` as written.
        api_version: String,
        /// The `kind` as written.
        kind: String,
    },
    /// The fields are not those of the kind.
    #[error("not a valid {kind}: {source}")]
    Fields {
        /// The kind.
        kind: String,
        /// What serde said.
        source: serde_json::Error,
    },
}

macro_rules! object_enum {
    ($($kind:ident: $($part:ident)::+, $scope:ident, $effect:ident, $short:tt;)+) => {
        /// A Kubernetes object; its JSON is what `kubectl get -o json` gives.
        ///
        /// A function that minds one kind of them matches that one with `if let` or `let else`: whoever adds a kind starts
        /// at the table in `model::kind`, not at every match.
        #[derive(Clone, Debug, PartialEq, Deserialize)]
        #[serde(try_from = "Value")]
        #[expect(missing_docs, reason = "a kind is called as Kubernetes calls it")]
        pub enum Object {
            $($kind(Box<k8s_openapi::$($part)::+::$kind>),)+
        }

        impl Object {
            /// The kind.
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$kind(_) => Kind::$kind,)+
                }
            }

            /// The object's metadata.
            pub fn metadata(&self) -> &ObjectMeta {
                match self {
                    $(Self::$kind(object) => &object.metadata,)+
                }
            }

            /// The object's metadata, to be changed.
            pub fn metadata_mut(&mut self) -> &mut ObjectMeta {
                match self {
                    $(Self::$kind(object) => &mut object.metadata,)+
                }
            }

            /// Reads an object of this kind by any means of serde; `None` for [`Kind::Node`], which no manifest holds.
            pub(crate) fn read_as<R: ReadAs>(kind: Kind, with: R) -> Option<R::Read> {
                match kind {
                    $(Kind::$kind => {
                        Some(with.read::<k8s_openapi::$($part)::+::$kind>(|object| Self::$kind(Box::new(object))))
                    })+
                    Kind::Node => None,
                }
            }
        }

        impl Serialize for Object {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$kind(object) => object.serialize(serializer),)+
                }
            }
        }
    };
}
each_kind!(object_enum);

/// A way to read an object whose type is known only when it runs.
pub(crate) trait ReadAs {
    /// What comes of it.
    type Read;

    /// Reads the object as this type, and wraps it.
    fn read<T: for<'de> Deserialize<'de>>(self, wrap: fn(T) -> Object) -> Self::Read;
}

impl Object {
    /// The object's name; empty when it has none, which the reader refuses.
    pub fn name(&self) -> &str {
        self.metadata().name.as_deref().unwrap_or_default()
    }

    /// The object's namespace; empty for a kind that has none.
    pub fn namespace(&self) -> &str {
        self.metadata().namespace.as_deref().unwrap_or_default()
    }

    /// What identifies the object in the fleet.
    pub fn key(&self) -> ObjectKey {
        ObjectKey::new(self.kind().object(), self.namespace(), self.name())
    }

    /// The object as JSON, with `apiVersion` and `kind`.
    ///
    /// # Panics
    /// Never: every type of k8s-openapi is JSON.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("Kubernetes objects are JSON")
    }
}

struct FromJson(Value);

impl ReadAs for FromJson {
    type Read = Result<Object, serde_json::Error>;

    fn read<T: for<'de> Deserialize<'de>>(self, wrap: fn(T) -> Object) -> Self::Read {
        serde_json::from_value(self.0).map(wrap)
    }
}

impl TryFrom<Value> for Object {
    type Error = ObjectError;

    fn try_from(json: Value) -> Result<Self, ObjectError> {
        let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (api_version, name) = (text("apiVersion"), text("kind"));
        let read =
            Kind::of(&api_version, &name).and_then(|kind| Self::read_as(kind, FromJson(json)));
        match read {
            Some(Ok(object)) => Ok(object),
            Some(Err(source)) => Err(ObjectError::Fields { kind: name, source }),
            None => Err(ObjectError::Kind { api_version, kind: name }),
        }
    }
}
