//! Numbers that a reader of JSON would round, so that two of them would be taken for one.

use serde_json::Value;

use crate::error::Trouble;

/// From here on not every whole number has a double.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// That no number within `value` had to be rounded to a whole one.
pub(crate) fn exact(value: &Value) -> Result<(), Trouble> {
    match value {
        Value::Number(number) if number.is_f64() => {
            let is_exact = number.as_f64().is_some_and(|number| number.abs() < EXACT_MAX);
            let cause = || format!("{number} is too large to be told from its neighbours");
            if is_exact { Ok(()) } else { Err(Trouble::new(cause(), "write it as a text")) }
        }
        Value::Array(values) => values.iter().try_for_each(exact),
        Value::Object(map) => map.values().try_for_each(exact),
        _ => Ok(()),
    }
}
