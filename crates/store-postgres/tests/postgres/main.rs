//! The stores on a real server, one private server for all of these tests.

#[cfg(test)]
mod failures;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod site;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod stores;
#[cfg(test)]
mod watched;
