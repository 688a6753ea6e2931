//! The series store and the ledger
