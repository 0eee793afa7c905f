mod accomplices;
mod becoming;
mod changing;
mod fixture;
pub(crate) mod properties;
mod services;
mod standing;
