//! Refused tokens and callers: real claim sets against trust policies that refuse them, told by the doctor and by `explain`.

mod doctor;
mod explain;
mod fixture;
mod proposals;
mod situations;
