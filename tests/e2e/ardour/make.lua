-- Makes a session: sixteen tracks that carry constants of their own, routed into one bus with
-- Stemwright on it, faders set, mutes and a fader automated. Environment: SESSION (a folder).
local RATE, STEMS, SLOT = 48000, 16, 12000

local backend = AudioEngine:set_backend("None (Dummy)", "", "")
assert(not backend:isnil(), "no audio backend")
backend:set_device_name("DC -6dBFS (+.5)")
backend:set_buffer_size(1024)
local s = create_session(os.getenv("SESSION"), "stems", RATE)
assert(s, "no session")
Session = s

local id
for p in ARDOUR.LuaAPI.list_plugins():iter() do
  if p.type == ARDOUR.PluginType.VST3 and p.name == "Stemwright" then id = p.unique_id end
end
assert(id, "Ardour does not list Stemwright")

local bus = s:new_audio_route(2, 2, nil, 1, "Mix", ARDOUR.PresentationInfo.Flag.AudioBus, ARDOUR.PresentationInfo.max_order):front()
local proc = ARDOUR.LuaAPI.new_plugin(s, id, ARDOUR.PluginType.VST3, "")
assert(not proc:isnil(), "no plugin")
bus:add_processor_by_index(proc, 0, nil, true)
local insert = proc:to_plugininsert()
ARDOUR.LuaAPI.usleep(1500000) -- Ardour connects new ports in a thread of its own
if not insert:has_sidechain() then assert(bus:add_sidechain(proc), "no sidechain") end
local pins = insert:sidechain_input()
while pins:n_ports():n_audio() < 2 * (STEMS - 1) do
  assert(pins:add_port("", nil, ARDOUR.DataType("audio")) == 0, "no more sidechain pins")
end
local map = ARDOUR.ChanMapping()
for i = 0, 2 * STEMS - 1 do map:set(ARDOUR.DataType("audio"), i, i) end
insert:set_input_map(0, map)

local _, ports = s:engine():get_backend_ports("", ARDOUR.DataType("audio"), ARDOUR.PortFlags.IsOutput | ARDOUR.PortFlags.IsPhysical, C.StringVector())
local capture = {}
for p in ports[4]:iter() do capture[#capture + 1] = p end
local tracks = s:new_audio_track(2, 2, nil, STEMS, "Stem", ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
ARDOUR.LuaAPI.usleep(1500000)
local k = 0
for track in tracks:iter() do
  track:monitoring_control():set_value(ARDOUR.MonitorChoice.MonitorInput, PBD.GroupControlDisposition.NoGroup)
  track:gain_control():set_value(0.01 * (k + 1), PBD.GroupControlDisposition.NoGroup) -- of a constant 0.5
  track:input():disconnect_all(nil)
  local out = track:output()
  out:disconnect_all(nil) -- or it would reach the master a second time
  for side = 0, 1 do
    assert(track:input():nth(side):connect(capture[side + 1]) == 0)
    local pin = k == 0 and bus:input():nth(side) or pins:nth(2 * (k - 1) + side)
    assert(out:nth(side):connect(pin:name()) == 0)
  end
  k = k + 1
end

local number = {}
for n = 0, insert:plugin(0):parameter_count() - 1 do
  local _, _, about = ARDOUR.LuaAPI.plugin_automation(proc, n)
  number[about.label] = n
end
local function automate(name, points)
  local _, list, about = ARDOUR.LuaAPI.plugin_automation(proc, number[name])
  for _, p in ipairs(points) do list:add(Temporal.timepos_t(p[1]), p[2] == "low" and about.lower or p[2], false, true) end
  local which = Evoral.Parameter(ARDOUR.AutomationType.PluginAutomation, 0, number[name])
  proc:to_automatable():automation_control(which, false):set_automation_state(ARDOUR.AutoState.Play)
end
-- Stem k is muted in slot k alone; in the last slot stem 3's fader is pulled down.
for stem = 1, STEMS do
  local from, to = stem * SLOT, (stem + 1) * SLOT
  automate(string.format("Stem %02d Mute", stem), { {0, 0}, {from, 1}, {to, 0} })
end
local last = (STEMS + 1) * SLOT
local _, _, about = ARDOUR.LuaAPI.plugin_automation(proc, number["Stem 03 Fader"])
-- Points nearer than a tick of the musical clock would be one.
automate("Stem 03 Fader", { {0, about.normal}, {last - 100, about.normal}, {last, "low"} })
-- Every odd stem is turned over, so that a mix-up of stems shows.
for stem = 1, STEMS do
  ARDOUR.LuaAPI.set_processor_param(proc, number[string.format("Stem %02d Polarity", stem)], stem % 2)
end
ARDOUR.LuaAPI.usleep(500000)
assert(s:save_state("", false, false, false, false, false) == 0, "not saved")
close_session()
print("made")
