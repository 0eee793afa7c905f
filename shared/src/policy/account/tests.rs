mod accomplices;
mod becoming;
mod changing;
mod fixture;
mod services;
mod standing;
