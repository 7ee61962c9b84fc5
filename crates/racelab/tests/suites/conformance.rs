//! Every store of the catalogue against the specification and against what it says of itself.
//!
//! A new store is picked up by its line in the registry. Nobody here asks for a store's name: what
//! is expected follows from its guarantee, what it is given follows from the needs of its family.
//! Where a server is missing, the stores that need it are left out, in words, unless
//! `RACELAB_REQUIRE` names the server.

mod away;
mod capabilities;
mod confined;
mod damage;
mod disk;
mod instances;
mod leases;
mod mistaken;
mod programs;
mod revisions;
mod sequential;
mod stores;
mod text;
mod variety;
