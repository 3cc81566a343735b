-- Opens the session that make.lua saved, in a new process, and exports what the master hears.
-- Environment: SESSION (its folder), EXPORT (a folder).
local backend = AudioEngine:set_backend("None (Dummy)", "", "")
backend:set_device_name("DC -6dBFS (+.5)")
backend:set_buffer_size(1024)
local s = load_session(os.getenv("SESSION"), "stems")
assert(s, "no session")
Session = s
local insert = s:route_by_name("Mix"):nth_plugin(0):to_insert()
assert(insert:has_sidechain() and insert:sidechain_input():n_ports():n_audio() == 30, "the routing is lost")
local e = s:simple_export()
e:set_folder(os.getenv("EXPORT"))
e:set_name("mix")
e:set_range(0, 18 * 12000)
assert(e:set_preset("7e570000-5e1f-4d1c-9a6e-57e3a1a1b001"), "no export preset") -- float.preset
assert(e:check_outputs(), "nothing to export")
assert(e:run_export(), "not exported")
close_session()
print("exported")
