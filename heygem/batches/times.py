"""How long a run may be silent, in seconds. The scripts read these as `S.lease_s` and `S.silence_s`."""

LEASE_S = 6.0
RENEW_S = 2.0
# Workers and front ends ask for lost runs more often than this. When none did, Redis was away.
SILENCE_S = 4.0
