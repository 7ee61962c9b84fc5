//! Stress over the catalogue: what a store admits is caught, what it promises holds; in threads and
//! in processes of the operating system.

mod command;
mod stores;
