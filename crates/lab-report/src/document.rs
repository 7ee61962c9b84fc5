//! `results.json`: the results with what says which form they have.

use lab_witness::Results;
use serde::{Deserialize, Serialize};

/// Grows with every change after which older files cannot be read.
const FORM: u32 = 3;

#[derive(Serialize, Deserialize)]
struct Document<R> {
    racelab_results: u32,
    results: R,
}

/// A text that is no `results.json` of this version.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is something else.
    #[error("it holds no results of racelab: {0}; `racelab` makes a new one")]
    Foreign(serde_json::Error),
    /// Another version made it.
    #[error("it has form {0}, and this racelab reads form {FORM}; `racelab` makes a new one")]
    OtherForm(u32),
    /// It says that it is of this form, and is not.
    #[error("its results are damaged: {0}; `racelab` makes new ones")]
    Damaged(serde_json::Error),
}

/// The text of `results.json`, the last line ended.
///
/// # Errors
/// None for results that the lab made: every part of them has a form in JSON.
pub fn results_json(results: &Results) -> Result<String, serde_json::Error> {
    let document = Document { racelab_results: FORM, results };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// The results in the text of a `results.json`.
///
/// # Errors
/// The text is something else, or of another version.
pub fn read_results(text: &str) -> Result<Results, ReadError> {
    let document: Document<serde_json::Value> =
        serde_json::from_str(text).map_err(ReadError::Foreign)?;
    if document.racelab_results != FORM {
        return Err(ReadError::OtherForm(document.racelab_results));
    }
    serde_json::from_value(document.results).map_err(ReadError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read_results(text).unwrap_err().to_string()
    }

    #[test]
    fn results_read_back_as_they_were_written() {
        let results = Results::default();
        assert_eq!(read_results(&results_json(&results).unwrap()).unwrap(), results);
    }

    #[test]
    fn what_is_foreign_old_or_damaged_is_told_apart() {
        for text in ["", "no json", "[]", "{\"cells\": [], \"witnesses\": []}"] {
            assert!(error(text).starts_with("it holds no results of racelab: "), "{text}");
        }
        let old = "{\"racelab_results\": 1, \"results\": 7}";
        assert!(error(old).starts_with("it has form 1, and this racelab reads form 3"));
        let damaged = "{\"racelab_results\": 3, \"results\": {\"cells\": 7}}";
        assert!(error(damaged).starts_with("its results are damaged: "), "{}", error(damaged));
    }
}
