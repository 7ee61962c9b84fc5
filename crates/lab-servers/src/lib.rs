//! Private, throw-away database servers.
