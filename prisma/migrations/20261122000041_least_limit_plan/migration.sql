-- Its small queries were planned anew at every call, which took half of its time.
alter function least_limit set plan_cache_mode = force_generic_plan;
alter function least_limit set enable_seqscan = off;
alter function least_limit set jit = off;
