mod accomplices;
mod becoming;
mod changing;
mod fixture;
mod properties;
mod services;
mod standing;
