"""Services judge feasibility and cost; a feasible idea becomes a project."""
