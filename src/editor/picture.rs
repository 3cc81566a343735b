//! The editor as a picture, drawn without a window or a graphics card.

use super::gestures::Instance;
use super::screen::Screen;
use super::theme;
use egui::epaint::{ClippedPrimitive, ImageData, Primitive, Vertex};
use egui::{Color32, ColorImage, Context, Pos2, RawInput, Rect, TextureId, TexturesDelta, Ui, vec2};
use std::collections::HashMap;

/// Frames until fonts are loaded and everything has its place.
const FRAMES: usize = 3;
/// Steps between two pixels: corners of triangles lie on this grid, so that a picture is the same on
/// every machine.
const GRID: i64 = 256;

/// A picture, 8 bits per channel, top row first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Red, green, blue and alpha of every pixel: four times width times height.
    pub rgba: Vec<u8>,
}

impl Picture {
    /// As a PNG file.
    ///
    /// # Errors
    /// Where it is too large for one.
    pub fn to_png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, side(self.width), side(self.height));
        encoder.set_color(png::ColorType::Rgba);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.rgba)?;
        writer.finish()?;
        Ok(file)
    }
}

/// Draws the editor of an instance with the meters as they stand, `size_points` large at `scale` pixels
/// per point.
pub fn picture(instance: &dyn Instance, size_points: [f32; 2], scale: f32) -> Picture {
    let mut screen = Screen::default();
    draw(size_points, scale, |ui| screen.ui(ui, instance))
}

/// Draws anything, frame by frame until it has its place.
pub fn draw(size_points: [f32; 2], scale: f32, mut paint: impl FnMut(&mut Ui)) -> Picture {
    let ctx = Context::default();
    theme::install(&ctx);
    ctx.set_pixels_per_point(scale);
    let mut raster = Raster::default();
    let mut shapes = Vec::new();
    for _ in 0..FRAMES {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size_points.into())),
            // Time stands still, and so do the meters.
            time: Some(0.0),
            ..Default::default()
        };
        let mut output = ctx.run_ui(input, &mut paint);
        raster.load(&mut output.textures_delta);
        shapes = output.shapes;
    }
    let size = size_points.map(|points| (points * scale).round() as usize);
    raster.draw(&ctx.tessellate(shapes, scale), size, scale)
}

/// Draws egui's triangles with the processor.
#[derive(Debug, Default)]
pub struct Raster {
    textures: HashMap<TextureId, ColorImage>,
}

impl Raster {
    /// Takes the textures that a frame brought and drops those it no longer needs.
    pub fn load(&mut self, delta: &mut TexturesDelta) {
        for (id, parts) in delta.set.drain() {
            for part in parts {
                let ImageData::Color(image) = part.image;
                match (part.pos, self.textures.get_mut(&id)) {
                    (Some([left, top]), Some(texture)) => {
                        let width = texture.width();
                        for (row, pixels) in image.pixels.chunks_exact(image.width()).enumerate() {
                            let at = (top + row) * width + left;
                            texture.pixels[at..at + pixels.len()].copy_from_slice(pixels);
                        }
                    }
                    _ => drop(self.textures.insert(id, image.as_ref().clone())),
                }
            }
        }
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    /// Draws a frame's primitives, tessellated for this scale, on black. What has no texture here is
    /// left out.
    pub fn draw(&self, primitives: &[ClippedPrimitive], [width, height]: [usize; 2], scale: f32) -> Picture {
        let mut canvas = Canvas { width, pixels: vec![[0.0, 0.0, 0.0]; width * height] };
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { continue };
            let Some(texture) = self.textures.get(&mesh.texture_id) else { continue };
            let edge = |points: f32, most: usize| ((points * scale).round().max(0.0) as usize).min(most);
            let clip = Clip {
                x: edge(clip_rect.min.x, width)..edge(clip_rect.max.x, width),
                y: edge(clip_rect.min.y, height)..edge(clip_rect.max.y, height),
            };
            for corners in mesh.indices.chunks_exact(3) {
                let corners = [0, 1, 2].map(|i| mesh.vertices[corners[i] as usize]);
                canvas.triangle(corners, &clip, texture, scale);
            }
        }
        let rgba = canvas.pixels.iter().flat_map(|p| [p[0] as u8, p[1] as u8, p[2] as u8, 255]).collect();
        Picture { width, height, rgba }
    }
}

/// The pixels that may be touched.
struct Clip {
    x: std::ops::Range<usize>,
    y: std::ops::Range<usize>,
}

struct Canvas {
    width: usize,
    /// Whole numbers from 0 to 255.
    pixels: Vec<[f32; 3]>,
}

impl Canvas {
    fn triangle(&mut self, mut corners: [Vertex; 3], clip: &Clip, texture: &ColorImage, scale: f32) {
        let grid = |p: Pos2| [p.x, p.y].map(|v| (v * scale * GRID as f32).round() as i64);
        let mut at = corners.map(|corner| grid(corner.pos));
        let mut area = side(at[0], at[1], at[2]);
        if area < 0 {
            corners.swap(1, 2);
            at.swap(1, 2);
            area = -area;
        }
        if area == 0 {
            return;
        }
        // A pixel on the edge of two triangles belongs to the one of which it is top or left.
        let bias = |from: [i64; 2], to: [i64; 2]| {
            i64::from(!(to[1] < from[1] || (to[1] == from[1] && to[0] > from[0])))
        };
        let edges = [(at[1], at[2]), (at[2], at[0]), (at[0], at[1])];
        let biases = edges.map(|(from, to)| bias(from, to));
        let paint = Paint::of(&corners, texture);
        let span = |axis: usize, clip: &std::ops::Range<usize>| {
            let [a, b, c] = at.map(|p| p[axis].div_euclid(GRID));
            let low = a.min(b).min(c).max(clip.start as i64);
            let high = (a.max(b).max(c) + 1).min(clip.end as i64);
            low..high
        };
        for y in span(1, &clip.y) {
            for x in span(0, &clip.x) {
                let middle = [x * GRID + GRID / 2, y * GRID + GRID / 2];
                let inside = edges.map(|(from, to)| side(from, to, middle));
                if inside.iter().zip(biases).any(|(inside, bias)| inside - bias < 0) {
                    continue;
                }
                let source = paint.at(inside.map(|inside| inside as f32 / area as f32));
                let pixel = &mut self.pixels[y as usize * self.width + x as usize];
                for (to, from) in pixel.iter_mut().zip(source) {
                    *to = (from + *to * (1.0 - source[3] / 255.0)).round().min(255.0);
                }
            }
        }
    }
}

/// Twice the area of a triangle; positive where it turns clockwise on the screen.
fn side(a: [i64; 2], b: [i64; 2], c: [i64; 2]) -> i64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// What a triangle is filled with: premultiplied colours times a texture, as egui's shaders do it.
struct Paint<'a> {
    colors: [[f32; 4]; 3],
    uvs: [Pos2; 3],
    texture: &'a ColorImage,
    /// Where all corners have one colour and one place in the texture.
    flat: Option<[f32; 4]>,
}

impl<'a> Paint<'a> {
    fn of(corners: &[Vertex; 3], texture: &'a ColorImage) -> Self {
        let mut paint = Self {
            colors: corners.map(|corner| floats(corner.color)),
            uvs: corners.map(|corner| corner.uv),
            texture,
            flat: None,
        };
        let [a, b, c] = corners;
        if a.color == b.color && b.color == c.color && a.uv == b.uv && b.uv == c.uv {
            paint.flat = Some(paint.at([1.0, 0.0, 0.0]));
        }
        paint
    }

    /// The colour at a point, by how near it is to each corner.
    fn at(&self, near: [f32; 3]) -> [f32; 4] {
        self.flat.unwrap_or_else(|| {
            let [a, b, c] = near;
            let uv = self.uvs[0].to_vec2() * a + self.uvs[1].to_vec2() * b + self.uvs[2].to_vec2() * c;
            let texel = self.texel(uv.x, uv.y);
            let [p, q, r] = &self.colors;
            std::array::from_fn(|i| (a * p[i] + b * q[i] + c * r[i]) * texel[i] / 255.0)
        })
    }

    /// The texture between its pixels.
    fn texel(&self, u: f32, v: f32) -> [f32; 4] {
        let [width, height] = self.texture.size;
        let (x, y) = (u * width as f32 - 0.5, v * height as f32 - 0.5);
        let pixel = |x: f32, y: f32| {
            let x = (x.max(0.0) as usize).min(width - 1);
            let y = (y.max(0.0) as usize).min(height - 1);
            floats(self.texture.pixels[y * width + x])
        };
        let (left, top) = (x.floor(), y.floor());
        let part = vec2(x - left, y - top);
        let mix = |a: [f32; 4], b: [f32; 4], t: f32| -> [f32; 4] {
            std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t)
        };
        let upper = mix(pixel(left, top), pixel(left + 1.0, top), part.x);
        let lower = mix(pixel(left, top + 1.0), pixel(left + 1.0, top + 1.0), part.x);
        mix(upper, lower, part.y)
    }
}

fn floats(color: Color32) -> [f32; 4] {
    color.to_array().map(f32::from)
}
