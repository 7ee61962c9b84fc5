//! Every family of stores: the one file that knows them all.
