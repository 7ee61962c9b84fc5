//! Text that every store can keep: checked once, where it enters, so that no store has to.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// The most bytes of UTF-8 that a title may have.
pub const TITLE_BYTES_MAX: usize = 1024;
/// The most bytes of UTF-8 that a description may have.
pub const DESCRIPTION_BYTES_MAX: usize = 1024 * 1024;
/// The most bytes of UTF-8 that an idempotency key may have.
pub const KEY_BYTES_MAX: usize = 128;

/// A text that no store would keep.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// There is nothing in it.
    #[error("a {what} must not be empty")]
    Empty {
        /// Which text: title, description or idempotency key.
        what: &'static str,
    },
    /// There is too much in it.
    #[error("a {what} has at most {bytes_max} bytes, this one has {bytes}")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// Its length.
        bytes: usize,
        /// The longest that is kept.
        bytes_max: usize,
    },
    /// A character that no line of text shows, or that a database cannot hold.
    #[error("a {what} must not contain the control character {character:?} (at byte {at})")]
    Control {
        /// Which text.
        what: &'static str,
        /// The offender.
        character: char,
        /// Where it stands.
        at: usize,
    },
}

/// One line of text: not empty, at most [`TITLE_BYTES_MAX`] bytes, no control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Title(String);

impl Title {
    /// Checks `text`.
    ///
    /// # Errors
    /// Says what is wrong with it: empty, too long, or a control character.
    pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        let what = "title";
        if text.is_empty() {
            return Err(TextError::Empty { what });
        }
        check(what, &text, TITLE_BYTES_MAX, char::is_control)?;
        Ok(Self(text))
    }
}

/// Text of any length up to [`DESCRIPTION_BYTES_MAX`] bytes, lines and tabs allowed, NUL not:
/// Postgres cannot hold it.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Description(String);

impl Description {
    /// Checks `text`.
    ///
    /// # Errors
    /// Says what is wrong with it: too long, or a NUL.
    pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        check("description", &text, DESCRIPTION_BYTES_MAX, |c| c == '\0')?;
        Ok(Self(text))
    }
}

pub(crate) fn check(
    what: &'static str,
    text: &str,
    bytes_max: usize,
    forbidden: impl Fn(char) -> bool,
) -> Result<(), TextError> {
    if text.len() > bytes_max {
        return Err(TextError::TooLong { what, bytes: text.len(), bytes_max });
    }
    // Most texts, and no search through them is faster.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(());
    }
    match text.char_indices().find(|(_, character)| forbidden(*character)) {
        Some((at, character)) => Err(TextError::Control { what, character, at }),
        None => Ok(()),
    }
}

/// What both kinds of text share: they show and compare as the string that they hold.
macro_rules! reads_as_str {
    ($($kind:ident),*) => {$(
        impl $kind {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        // By hand, because the derived form would clone the text first.
        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl TryFrom<String> for $kind {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                Self::new(text)
            }
        }

        impl From<$kind> for String {
            fn from(text: $kind) -> Self {
                text.0
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    )*};
}
reads_as_str!(Title, Description);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_that_is_neither_empty_nor_endless() {
        assert_eq!(Title::new("").unwrap_err().to_string(), "a title must not be empty");
        let error = Title::new("x".repeat(1024 * 1024)).unwrap_err().to_string();
        assert_eq!(error, "a title has at most 1024 bytes, this one has 1048576");
        let error = Title::new("two\nlines").unwrap_err().to_string();
        assert_eq!(error, "a title must not contain the control character '\\n' (at byte 3)");
        assert!(Title::new("x".repeat(TITLE_BYTES_MAX)).is_ok());
    }

    #[test]
    fn a_description_takes_every_plane_of_unicode_but_no_nul() {
        assert!(Description::new("").is_ok());
        assert!(Description::new("tab\tline\n\u{1}\u{FFFF}\u{1F600}\u{10FFFF}").is_ok());
        assert!(Description::new("x".repeat(DESCRIPTION_BYTES_MAX + 1)).is_err());
        assert!(Description::new("nul\0").is_err());
    }
}
