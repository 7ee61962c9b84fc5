//! Histories of registers that a correct object could have given, and one lie at the end.

use anyhow::Result;
use fastrand::Rng;
use lab_check::{History, HistoryBuilder};
use lab_history::{Event, Kind};
use serde_json::Value;

/// How a history of registers is made.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many operations.
    pub operations: u32,
    /// How many clients, each with one operation at a time.
    pub clients: u32,
    /// How many registers, chosen with equal chances.
    pub keys: u32,
    /// Each write has a value of its own; otherwise there are as many values as clients.
    pub unique: bool,
    /// The last operation is a read of a value that was overwritten long ago.
    pub lie: bool,
}

/// What a client waits for.
struct Pending {
    key: u32,
    /// The value of a write; a read has none.
    written: Option<u32>,
    /// The value after the operation took effect, as soon as it did.
    seen: Option<Option<u32>>,
}

/// The history of `plan`; equal seeds give equal histories.
///
/// # Errors
/// More operations than a history can hold.
pub fn registers(plan: Plan, seed: u64) -> Result<History> {
    let mut rng = Rng::with_seed(seed);
    let mut builder = HistoryBuilder::new();
    let mut registers: Vec<Option<u32>> = vec![None; plan.keys as usize];
    let mut clients: Vec<Option<Pending>> = (0..plan.clients).map(|_| None).collect();
    let (mut begun, mut ended) = (0, 0);
    let mut event = Event {
        process: 0,
        kind: Kind::Invoke,
        function: String::new(),
        key: None,
        value: Value::Null,
        time_ns: None,
    };
    while ended < plan.operations {
        let client = rng.usize(0..clients.len());
        let kind = match &mut clients[client] {
            None if begun == plan.operations => continue,
            free @ None => {
                begun += 1;
                let value = if plan.unique { begun } else { 1 + rng.u32(0..plan.clients) };
                let written = rng.bool().then_some(value);
                *free = Some(Pending { key: rng.u32(0..plan.keys), written, seen: None });
                Kind::Invoke
            }
            Some(Pending { seen: Some(_), .. }) => Kind::Ok,
            Some(pending) => {
                let register = &mut registers[pending.key as usize];
                *register = pending.written.or(*register);
                pending.seen = Some(*register);
                continue;
            }
        };
        let Some(pending) = &clients[client] else { continue };
        event.process = client as u64;
        event.kind = kind;
        event.function.clear();
        event.function.push_str(if pending.written.is_some() { "write" } else { "read" });
        event.key = Some(pending.key.into());
        let value = if kind == Kind::Ok { pending.seen.flatten() } else { pending.written };
        event.value = value.map_or(Value::Null, Value::from);
        builder.push(&event)?;
        if kind == Kind::Ok {
            clients[client] = None;
            ended += 1;
        }
    }
    if plan.lie {
        lie(&mut builder, event)?;
    }
    Ok(builder.finish())
}

/// After everything else, somebody writes twice and somebody reads what was overwritten.
fn lie(builder: &mut HistoryBuilder, mut event: Event) -> Result<()> {
    let (old, new) = (1_u32 << 30, (1 << 30) + 1);
    event.key = Some(0.into());
    for (function, asked, answered) in
        [("write", Some(old), old), ("write", Some(new), new), ("read", None, old)]
    {
        event.function = function.to_owned();
        for (kind, value) in [(Kind::Invoke, asked), (Kind::Ok, Some(answered))] {
            event.kind = kind;
            event.value = value.map_or(Value::Null, Value::from);
            builder.push(&event)?;
        }
    }
    Ok(())
}
