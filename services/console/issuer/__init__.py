"""The development issuer: signs in sample people on one machine, and exists nowhere else."""
