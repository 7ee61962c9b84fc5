//! Interned values: a number stands for each, and small integers cost nothing.

use std::borrow::Cow;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;
use serde_json::Value;

/// Stands for a value of a history; equal values have equal ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(u32);

impl ValueId {
    /// Nothing: no key, no argument, no result.
    pub const NULL: Self = Self(u32::MAX);
    /// From here on an id is a place in the table; below it is the integer itself.
    const TABLE: u32 = 1 << 31;

    /// The id of a small integer, without a table.
    pub fn integer(value: u32) -> Option<Self> {
        (value < Self::TABLE).then_some(Self(value))
    }

    /// The number itself, for tables that are indexed by it.
    pub fn get(self) -> u32 {
        self.0
    }

    /// The id of which [`Self::get`] gave the number.
    pub(crate) fn of(number: u32) -> Self {
        Self(number)
    }

    fn place(self) -> Option<usize> {
        (self.0 >= Self::TABLE && self != Self::NULL).then(|| (self.0 - Self::TABLE) as usize)
    }
}

/// Every value of a history once, except null and the integers below 2^31, which are their ids.
#[derive(Clone, Debug, Default)]
pub struct Values {
    table: IndexSet<Datum, FxBuildHasher>,
    bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Datum {
    List(Box<[ValueId]>),
    Whole(Value),
}

impl Values {
    /// The id of `value`, and of every element where it is a list. `None` where the table is full.
    pub fn intern(&mut self, value: &Value) -> Option<ValueId> {
        match value {
            Value::Null => Some(ValueId::NULL),
            Value::Array(elements) => {
                let ids = elements.iter().map(|one| self.intern(one)).collect::<Option<_>>()?;
                self.insert(Datum::List(ids))
            }
            _ => match small(value) {
                Some(id) => Some(id),
                None => self.insert(Datum::Whole(value.clone())),
            },
        }
    }

    /// The id of `value` if it has one.
    pub fn find(&self, value: &Value) -> Option<ValueId> {
        match value {
            Value::Null => Some(ValueId::NULL),
            Value::Array(elements) => {
                let ids = elements.iter().map(|one| self.find(one)).collect::<Option<_>>()?;
                self.place(&Datum::List(ids))
            }
            _ => small(value).or_else(|| self.place(&Datum::Whole(value.clone()))),
        }
    }

    /// The value that `id` stands for.
    pub fn get(&self, id: ValueId) -> Cow<'_, Value> {
        let Some(place) = id.place() else {
            let value = if id == ValueId::NULL { Value::Null } else { id.get().into() };
            return Cow::Owned(value);
        };
        match self.table.get_index(place) {
            Some(Datum::Whole(value)) => Cow::Borrowed(value),
            Some(Datum::List(ids)) => {
                Cow::Owned(ids.iter().map(|id| self.get(*id).into_owned()).collect())
            }
            None => Cow::Owned(Value::Null),
        }
    }

    /// The elements where `id` is a list.
    pub fn elements(&self, id: ValueId) -> Option<&[ValueId]> {
        match self.table.get_index(id.place()?)? {
            Datum::List(ids) => Some(ids),
            Datum::Whole(_) => None,
        }
    }

    /// The text where `id` is one.
    pub fn text(&self, id: ValueId) -> Option<&str> {
        match self.table.get_index(id.place()?)? {
            Datum::Whole(value) => value.as_str(),
            Datum::List(_) => None,
        }
    }

    /// About how much memory the table takes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn insert(&mut self, datum: Datum) -> Option<ValueId> {
        let bytes = size_of::<Datum>() + 2 * size_of::<usize>() + heap_bytes(&datum);
        let (place, is_new) = self.table.insert_full(datum);
        self.bytes += if is_new { bytes } else { 0 };
        let id = u32::try_from(place).ok()?.checked_add(ValueId::TABLE)?;
        (id != ValueId::NULL.0).then_some(ValueId(id))
    }

    fn place(&self, datum: &Datum) -> Option<ValueId> {
        let place = u32::try_from(self.table.get_index_of(datum)?).ok()?;
        Some(ValueId(ValueId::TABLE + place))
    }
}

fn small(value: &Value) -> Option<ValueId> {
    ValueId::integer(u32::try_from(value.as_u64()?).ok()?)
}

fn heap_bytes(datum: &Datum) -> usize {
    match datum {
        Datum::List(ids) => size_of_val(&**ids),
        Datum::Whole(Value::String(text)) => text.capacity(),
        Datum::Whole(value) => value.to_string().len() * 4,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_value_reads_back_and_equal_values_share_an_id() {
        let mut values = Values::default();
        let cases =
            [json!(null), json!(7), json!(-7), json!(u32::MAX), json!("x"), json!([1, [2, "x"]])];
        for value in &cases {
            let id = values.intern(value).unwrap();
            assert_eq!(*values.get(id), *value);
            assert_eq!(values.intern(value), Some(id));
            assert_eq!(values.find(value), Some(id));
        }
        assert_eq!(values.find(&json!("y")), None);
    }

    #[test]
    fn a_list_gives_its_elements() {
        let mut values = Values::default();
        let list = values.intern(&json!([3, "x"])).unwrap();
        let elements = values.elements(list).unwrap();
        assert_eq!(elements, [ValueId::integer(3).unwrap(), values.find(&json!("x")).unwrap()]);
        assert_eq!(values.elements(elements[1]), None);
    }
}
